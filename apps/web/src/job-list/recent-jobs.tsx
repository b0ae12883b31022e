import { useJobs } from '@gantry/react';
import { Link } from '@tanstack/react-router';

import { Panel } from '../ui/panel.tsx';
import { JobLine } from './job-line.tsx';

const JOBS_SHOWN = 5;

/** The newest jobs; nothing for a user who has none. */
export function RecentJobs() {
  const jobs = useJobs({ limit: JOBS_SHOWN });
  if (!jobs.data || jobs.data.jobs.length === 0) return null;
  return (
    <section aria-labelledby="recent-jobs" className="mt-10">
      <div className="mb-3 flex items-baseline justify-between gap-4">
        <h2 id="recent-jobs" className="text-sm font-semibold">
          Recent jobs
        </h2>
        <Link to="/jobs" className="text-accent underline underline-offset-3">
          All my jobs
        </Link>
      </div>
      <Panel>
        <ul>
          {jobs.data.jobs.map((job) => (
            <JobLine key={job.id} job={job} />
          ))}
        </ul>
      </Panel>
    </section>
  );
}
