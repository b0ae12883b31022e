import type { JobStatusView } from '@gantry/client';
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';

import { useGantryClient } from './gantry-provider.tsx';

/** Puts a failed job back in the queue, by its id. */
export function useRetryJob(): UseMutationResult<JobStatusView, Error, string> {
  const client = useGantryClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (jobId: string) => client.jobs.retry(jobId),
    onSettled: () => queries.invalidateQueries({ queryKey: ['gantry'] }),
  });
}
