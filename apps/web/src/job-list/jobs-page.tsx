import { useServices } from '@gantry/react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { PageHeading } from '../page/page-heading.tsx';
import { buttonStyle } from '../ui/button.tsx';
import { ChangeMany } from './change-many.tsx';
import { JobFilterBar } from './job-filter-bar.tsx';
import { JobList } from './job-list.tsx';
import { JobsEmpty } from './jobs-empty.tsx';
import { useJobPages } from './use-job-pages.ts';

/** The signed-in user's jobs. */
export function JobsPage() {
  const filter = useSearch({ from: '/member/jobs' });
  const navigate = useNavigate({ from: '/jobs' });
  const services = useServices();
  const jobs = useJobPages('mine', filter);
  return (
    <>
      <PageHeading title="My jobs">
        {jobs.data?.pages.some((page) => page.jobs.length > 0) && <ChangeMany whose="mine" filter={filter} />}
        <Link to="/" className={buttonStyle({ look: 'primary' })}>
          <Plus aria-hidden /> New job
        </Link>
      </PageHeading>
      <JobFilterBar
        filter={filter}
        services={services.data ?? []}
        onChange={(search) => void navigate({ search, replace: true })}
      />
      <JobList
        jobs={jobs}
        empty={<JobsEmpty filter={filter} onClear={() => void navigate({ search: {}, replace: true })} />}
      />
    </>
  );
}
