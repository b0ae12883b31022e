import { useGantryClient } from '@gantry/react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { toastError } from '../errors/toast-error.tsx';

const REFRESH_MS = 5_000;

/** The queues as admins see them, read again every few seconds. */
export function useQueues() {
  const client = useGantryClient();
  return useQuery({
    queryKey: ['gantry', 'queues'],
    queryFn: client.admin.queues.list,
    refetchInterval: REFRESH_MS,
  });
}

/** Something that changes a queue; what is on the page is read again afterwards. */
export function useQueueChange<Input>(
  change: (queues: ReturnType<typeof useGantryClient>['admin']['queues'], input: Input) => Promise<unknown>,
) {
  const client = useGantryClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => change(client.admin.queues, input),
    onError: toastError,
    onSettled: () => queries.invalidateQueries({ queryKey: ['gantry'] }),
  });
}
