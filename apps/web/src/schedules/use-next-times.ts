import { useGantryClient } from '@gantry/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';

/** The next times of a rule, or what is wrong with it; while that is asked, those of the rule before. */
export function useNextTimes(cron: string, timeZone: string) {
  const client = useGantryClient();
  return useQuery({
    queryKey: ['gantry', 'schedule-preview', cron, timeZone],
    queryFn: () => client.schedules.preview(cron, timeZone),
    placeholderData: keepPreviousData,
    enabled: cron !== '',
    retry: false,
    // Without a network it would wait, and show the times of the rule before for as long.
    networkMode: 'always',
    refetchOnReconnect: true,
  });
}
