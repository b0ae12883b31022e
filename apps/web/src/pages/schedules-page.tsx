import { useServices } from '@gantry/react';
import { Plus } from 'lucide-react';
import { useState } from 'react';

import { NewSchedule } from '../schedules/new-schedule.tsx';
import { ScheduleList } from '../schedules/schedule-list.tsx';
import { PageHeading } from '../shell/page-heading.tsx';
import { Button } from '../ui/button.tsx';

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
