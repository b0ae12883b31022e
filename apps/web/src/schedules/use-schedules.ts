import { useGantryClient } from '@gantry/react';
import { useInfiniteQuery } from '@tanstack/react-query';

const PAGE = 50;
const REFRESH_MS = 10_000;

/** The key of everything that is known of schedules. */
export const SCHEDULES_KEY = ['gantry', 'schedules'];

/** The caller's schedules, newest first, a page at a time. */
export function useSchedules() {
  const client = useGantryClient();
  return useInfiniteQuery({
    queryKey: SCHEDULES_KEY,
    queryFn: ({ pageParam }) =>
      client.schedules.list({ limit: PAGE, ...(pageParam !== null && { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: REFRESH_MS,
  });
}
