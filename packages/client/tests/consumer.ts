// A program of somebody who installed the package. It is checked here, and from outside the workspace.
import { createGantryClient, type GantryApiError, type JobStatusView } from '@gantry/client';

type IsAny<T> = 0 extends 1 & T ? true : false;

const gantry = createGantryClient({ url: 'http://127.0.0.1:3001', getToken: () => 'token' });

/** Uses what the types promise. */
export async function run(bytes: Uint8Array): Promise<string> {
  const file = { name: 'a.csv', data: bytes };
  const { jobId } = await gantry.jobs.submit({ serviceId: 'ctg-port-tracking', file });
  for await (const event of gantry.jobs.watch(jobId)) {
    if (event.type === 'row') event.data.index.toFixed();
    // @ts-expect-error a row has no such property
    if (event.type === 'row') return event.data.nothing;
  }
  const job: JobStatusView = await gantry.jobs.waitFor(jobId);
  // @ts-expect-error there are five states
  if (job.status === 'done') return '';
  // @ts-expect-error a service is needed
  await gantry.jobs.submit({});
  const { artifacts } = await gantry.jobs.results(jobId);
  const files: Blob[] = await Promise.all(artifacts.map((artifact) => gantry.jobs.download(artifact)));
  const areAny: [IsAny<typeof job>, IsAny<typeof job.progress>, IsAny<GantryApiError['code']>] = [
    false,
    false,
    false,
  ];
  return `${areAny.join()} ${files.length} ${job.error?.message ?? ''}`;
}
