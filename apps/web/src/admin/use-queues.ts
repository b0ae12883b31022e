import type { Queue, QueueInfo } from '@gantry/client';
import { useGantryClient, useQueueInfo } from '@gantry/react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { toastError } from '../errors/toast-error.tsx';

const REFRESH_MS = 5_000;

/**
 * The queues as admins see them, read again every few seconds. Their counts of jobs are those of the figures of the
 * whole queue, which are on the same page: two readings of a busy queue never agree.
 */
export function useQueues() {
  const client = useGantryClient();
  const info = useQueueInfo();
  const queues = useQuery({
    queryKey: ['gantry', 'queues'],
    queryFn: client.admin.queues.list,
    refetchInterval: REFRESH_MS,
  });
  return { ...queues, data: queues.data?.map((queue) => withFigures(queue, info.data)) };
}

function withFigures(queue: Queue, info: QueueInfo | undefined): Queue {
  const figures = info?.queues.find(({ name }) => name === queue.name);
  if (!figures) return queue;
  const { pending, processing, oldestWaitMs } = figures;
  return { ...queue, pending, processing, oldestWaitMs };
}

/** Something that changes a queue; what is on the page is read again afterwards. */
export function useQueueChange<Input, Output>(
  change: (queues: ReturnType<typeof useGantryClient>['admin']['queues'], input: Input) => Promise<Output>,
) {
  const client = useGantryClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => change(client.admin.queues, input),
    onError: toastError,
    onSettled: () => queries.invalidateQueries({ queryKey: ['gantry'] }),
  });
}
