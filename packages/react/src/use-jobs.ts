import type { JobFilter, JobPage } from '@gantry/client';
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';

import { useGantryClient } from './gantry-provider.tsx';

/** A page of the caller's jobs, read again every few seconds. */
export function useJobs(filter: JobFilter = {}): UseQueryResult<JobPage> {
  const client = useGantryClient();
  return useQuery({
    queryKey: ['gantry', 'jobs', filter],
    queryFn: () => client.jobs.list(filter),
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  });
}
