import type { QueueInfo } from '@gantry/client';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';

import { useGantry } from './gantry-provider.tsx';

/** Figures of the whole queue, read again every few seconds. */
export function useQueueInfo(): UseQueryResult<QueueInfo> {
  const { client, scope } = useGantry();
  return useQuery({
    queryKey: ['gantry', 'queue', scope],
    queryFn: client.queue.info,
    refetchInterval: 5_000,
  });
}
