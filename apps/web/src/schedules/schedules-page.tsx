import { useServices } from '@gantry/react';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { PageHeading } from '../page/page-heading.tsx';
import { Button } from '../ui/button.tsx';
import { NewSchedule } from './new-schedule.tsx';
import { ScheduleList } from './schedule-list.tsx';

/** What starts by itself, again and again. */
export function SchedulesPage() {
  const services = useServices();
  const [isNew, setIsNew] = useState(false);
  const choices = services.data ?? [];
  return (
    <>
      <PageHeading title="Schedules">
        {!isNew && (
          <Button look="primary" disabled={choices.length === 0} onClick={() => setIsNew(true)}>
            <Plus aria-hidden /> New schedule
          </Button>
        )}
      </PageHeading>
      {isNew && <NewSchedule services={choices} onClose={() => setIsNew(false)} />}
      <ScheduleList />
    </>
  );
}
