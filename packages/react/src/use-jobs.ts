import type { JobFilter, JobPage } from '@gantry/client';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';

import { useGantry } from './gantry-provider.tsx';
import { keepPreviousOf } from './keep-previous-of.ts';

/** A page of the caller's jobs, read again every few seconds. */
export function useJobs(filter: JobFilter = {}): UseQueryResult<JobPage> {
  const { client, scope } = useGantry();
  return useQuery({
    queryKey: ['gantry', 'jobs', filter, scope],
    queryFn: () => client.jobs.list(filter),
    placeholderData: keepPreviousOf(scope),
    refetchInterval: 5_000,
  });
}
