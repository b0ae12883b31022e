import { Plus } from 'lucide-react';
import { useState } from 'react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { Button } from '../ui/button.tsx';
import { Panel, PanelHeader } from '../ui/panel.tsx';
import { SkeletonList } from '../ui/skeleton.tsx';
import { NewQueueForm } from './new-queue-form.tsx';
import { QueueLine } from './queue-line.tsx';
import { useQueues } from './use-queues.ts';

/** The queues: what waits and runs in them, and what governs them. */
export function QueuePanel() {
  const queues = useQueues();
  const [isAdding, setIsAdding] = useState(false);
  return (
    <Panel aria-labelledby="queues-title">
      <PanelHeader id="queues-title" title="Queues">
        {!isAdding && (
          <Button size="small" onClick={() => setIsAdding(true)}>
            <Plus aria-hidden /> New queue
          </Button>
        )}
      </PanelHeader>
      {isAdding && <NewQueueForm onDone={() => setIsAdding(false)} />}
      {queues.data ? (
        <ul>
          {queues.data.map((queue) => (
            // A limit that was changed elsewhere replaces the value of the field.
            <QueueLine key={`${queue.name} ${queue.concurrencyLimit}`} queue={queue} />
          ))}
        </ul>
      ) : (
        <div className="p-4">
          {queues.error ? (
            <ErrorPanel error={queues.error} onRetry={() => void queues.refetch()} />
          ) : (
            <SkeletonList label="Loading the queues…" rows={2} />
          )}
        </div>
      )}
    </Panel>
  );
}
