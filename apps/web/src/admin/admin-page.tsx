import { useServices } from '@gantry/react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { ShieldX } from 'lucide-react';
import { ChangeMany } from '../job-list/change-many.tsx';
import { JobFilterBar } from '../job-list/job-filter-bar.tsx';
import { JobList } from '../job-list/job-list.tsx';
import { JobsEmpty } from '../job-list/jobs-empty.tsx';
import { useJobPages } from '../job-list/use-job-pages.ts';
import { PageHeading } from '../page/page-heading.tsx';
import { useUser } from '../session/use-session.ts';
import { buttonStyle } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';
import { AdminJobActions } from './admin-job-actions.tsx';
import { CleanupButton } from './cleanup-button.tsx';
import { LiveGrid } from './live-grid.tsx';
import { QueueFigures } from './queue-figures.tsx';
import { QueuePanel } from './queue-panel.tsx';
import { ServiceQueuePanel } from './service-queue-panel.tsx';
import { WorkerPanel } from './worker-panel.tsx';

/** The console. That a page is drawn gives no right: the API checks each request against the database. */
export function AdminPage() {
  return useUser()?.isAdmin ? <Console /> : <Forbidden />;
}

function Console() {
  return (
    <>
      <PageHeading title="Admin" description="The queue, the workers, and everybody’s jobs.">
        <CleanupButton />
      </PageHeading>
      <div className="grid grid-cols-1 gap-6">
        <QueueFigures />
        <LiveGrid />
        <div className="grid items-start gap-6 lg:grid-cols-2">
          <div className="grid gap-6">
            <QueuePanel />
            <ServiceQueuePanel />
          </div>
          <WorkerPanel />
        </div>
        <AllJobs />
      </div>
    </>
  );
}

function AllJobs() {
  const filter = useSearch({ from: '/member/admin' });
  const navigate = useNavigate({ from: '/admin' });
  const services = useServices();
  const jobs = useJobPages('everybody', filter);
  return (
    <section aria-labelledby="all-jobs">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <h2 id="all-jobs" className="text-base font-semibold">
          All jobs
        </h2>
        <div className="flex flex-wrap gap-2">
          <ChangeMany whose="everybody" filter={filter} />
        </div>
      </div>
      <JobFilterBar
        filter={filter}
        services={services.data ?? []}
        onChange={(search) => void navigate({ search, replace: true })}
      />
      <JobList
        jobs={jobs}
        renderActions={(job) => <AdminJobActions job={job} />}
        empty={<JobsEmpty filter={filter} onClear={() => void navigate({ search: {}, replace: true })} />}
      />
    </section>
  );
}

function Forbidden() {
  return (
    <>
      <PageHeading title="For administrators" />
      <Panel>
        <EmptyState
          icon={ShieldX}
          title="You have no access to the console"
          action={
            <Link to="/jobs" className={buttonStyle({ look: 'primary' })}>
              Go to my jobs
            </Link>
          }
        >
          <p>It shows everybody’s jobs and can stop them. Ask an administrator if you need it.</p>
          <p className="mt-2 font-mono text-xs text-ink-faint">403 FORBIDDEN</p>
        </EmptyState>
      </Panel>
    </>
  );
}
