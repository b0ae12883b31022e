import { CalendarClock } from 'lucide-react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel } from '../ui/panel.tsx';
import { SkeletonList } from '../ui/skeleton.tsx';
import { ScheduleLine } from './schedule-line.tsx';
import { useSchedules } from './use-schedules.ts';

/** The signed-in user's schedules, a line each. */
export function ScheduleList() {
  const schedules = useSchedules();
  if (schedules.error && !schedules.data) {
    return <ErrorPanel error={schedules.error} onRetry={() => void schedules.refetch()} />;
  }
  if (!schedules.data) return <SkeletonList label="Loading the schedules…" rows={4} className="h-16" />;
  const list = schedules.data.pages.flatMap((page) => page.schedules);
  if (list.length === 0) {
    return (
      <Panel>
        <EmptyState icon={CalendarClock} title="No schedules yet">
          A schedule starts the same job again and again, at the times that you choose.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <div className="grid grid-cols-1 gap-4">
      <Panel aria-label="Schedules">
        <ul>
          {list.map((schedule) => (
            <ScheduleLine key={schedule.id} schedule={schedule} />
          ))}
        </ul>
      </Panel>
      {schedules.hasNextPage && (
        <Button
          className="justify-self-center"
          disabled={schedules.isFetchingNextPage}
          onClick={() => void schedules.fetchNextPage()}
        >
          {schedules.isFetchingNextPage ? 'Loading…' : 'Show older schedules'}
        </Button>
      )}
    </div>
  );
}
