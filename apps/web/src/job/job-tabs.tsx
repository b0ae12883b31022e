import type { JobStatusView } from '@gantry/client';
import type { LiveJob } from '@gantry/react';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { Panel } from '../ui/panel.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { AttemptList } from './attempts/attempt-list.tsx';
import { FileList } from './files/file-list.tsx';
import type { JobView } from './job-view.ts';
import { JobLog } from './log/job-log.tsx';
import { ReplayTab, tracesOf } from './replay-tab.tsx';
import { RowTable } from './rows/row-table.tsx';

/** Everything the job found and did, a tab each; the open one is part of the address. */
export function JobTabs({ job, live }: { job: JobStatusView; live: LiveJob }) {
  const { view = 'rows' } = useSearch({ from: '/member/jobs/$jobId' });
  const navigate = useNavigate();
  const traces = tracesOf(live.artifacts);
  return (
    <Panel aria-label="Results and history" className="overflow-hidden">
      <Tabs<JobView>
        label="Results and history"
        value={view === 'replay' && traces.length === 0 ? 'rows' : view}
        onChange={(next) =>
          void navigate({
            to: '/jobs/$jobId',
            params: { jobId: job.id },
            search: next === 'rows' ? {} : { view: next },
            replace: true,
          })
        }
        items={[
          {
            value: 'rows',
            label: 'Rows',
            count: live.rows.size,
            content: <RowTable job={job} rows={live.rows} artifacts={live.artifacts} />,
          },
          { value: 'log', label: 'Log', content: <JobLog live={live} /> },
          {
            value: 'files',
            label: 'Files',
            count: live.artifacts.length,
            content: <FileList job={job} artifacts={live.artifacts} />,
          },
          {
            value: 'attempts',
            label: 'Attempts',
            count: job.attempt,
            content: <AttemptList jobId={job.id} states={live.states} />,
          },
          ...(traces.length > 0
            ? [{ value: 'replay' as const, label: 'Replay', content: <ReplayTab traces={traces} /> }]
            : []),
        ]}
      />
    </Panel>
  );
}
