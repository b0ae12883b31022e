import type { JobStatusView } from '@gantry/client';
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';

import { useGantryClient } from './gantry-provider.tsx';

/** Cancels a job by its id. */
export function useCancelJob(): UseMutationResult<JobStatusView, Error, string> {
  const client = useGantryClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (jobId: string) => client.jobs.cancel(jobId),
    onSettled: () => queries.invalidateQueries({ queryKey: ['gantry'] }),
  });
}
