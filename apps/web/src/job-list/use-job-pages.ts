import { isFinished } from '@gantry/client';
import { useGantryClient } from '@gantry/react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';

import { type JobFilter, toJobCondition } from './job-filter.ts';

const PAGE_SIZE = 25;
const REFRESH_MS = 5_000;
/** A schedule, or another window, may submit a job at any time. */
const IDLE_REFRESH_MS = 15_000;

/** Jobs by a filter, a page after the other; read again sooner while one of them may still change. */
export function useJobPages(whose: 'mine' | 'everybody', shown: JobFilter) {
  const client = useGantryClient();
  const filter = { limit: PAGE_SIZE, ...toJobCondition(shown) };
  return useInfiniteQuery({
    queryKey: ['gantry', whose === 'mine' ? 'jobs' : 'admin-jobs', 'pages', filter],
    queryFn: ({ pageParam }) => {
      const page = { ...filter, ...(pageParam !== null && { cursor: pageParam }) };
      return whose === 'mine' ? client.jobs.list(page) : client.admin.jobs(page);
    },
    initialPageParam: firstPage(),
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      whose === 'everybody' ||
      state.data?.pages.some((page) => page.jobs.some((job) => !isFinished(job.status)))
        ? REFRESH_MS
        : IDLE_REFRESH_MS,
  });
}

/** The pages read so far, and how to read on. */
export type JobPages = ReturnType<typeof useJobPages>;

/** No cursor yet, in the type that later cursors have. */
function firstPage(): string | null {
  return null;
}
