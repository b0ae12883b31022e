// A page of somebody who installed the package. It is checked here, and from outside the workspace.
import type { GantryClient } from '@gantry/client';
import { GantryProvider, QueueStatus, useCancelJob, useJobs, useQueueInfo, useServices } from '@gantry/react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';

type IsAny<T> = 0 extends 1 & T ? true : false;

const queries = new QueryClient();

/** The status of a job, and what the hooks read. */
export function Page({ client, jobId }: { client: GantryClient; jobId: string }) {
  return (
    <QueryClientProvider client={queries}>
      <GantryProvider client={client}>
        <QueueStatus jobId={jobId} userId="somebody" onComplete={(job) => job.finishedAt?.slice(0, 10)} />
        {/* @ts-expect-error a job is needed */}
        <QueueStatus userId="somebody" />
        <Figures />
      </GantryProvider>
    </QueryClientProvider>
  );
}

function Figures() {
  const info = useQueueInfo();
  const services = useServices();
  const jobs = useJobs({ status: 'failed' });
  const cancel = useCancelJob();
  const areAny: [
    IsAny<typeof info.data>,
    IsAny<typeof services.data>,
    IsAny<typeof jobs.data>,
    IsAny<typeof cancel.data>,
  ] = [false, false, false, false];
  // @ts-expect-error there are five states
  useJobs({ status: 'done' });
  return (
    <p>
      {areAny.join()} {services.data?.map(({ name }) => name).join()} {jobs.data?.jobs.length}
    </p>
  );
}
