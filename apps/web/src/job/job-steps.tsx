import { isFinished, type JobStatus } from '@gantry/client';
import { Check, Minus } from 'lucide-react';

import { Spinner } from '../ui/spinner.tsx';

/** Only the newest steps: a job that visits 300 pages has 300 of them, and the log has them all. */
const STEPS_SHOWN = 5;

/** What the job has done last, and what it does now. */
export function JobSteps({
  steps,
  status,
}: {
  steps: readonly { name: string; seq: number }[];
  status: JobStatus;
}) {
  if (steps.length === 0) return null;
  const shown = steps.slice(-STEPS_SHOWN);
  const hidden = steps.length - shown.length;
  return (
    <div className="mt-4 border-t border-line pt-3">
      <h2 className="sr-only">Steps</h2>
      <ol className="grid gap-1.5 text-[0.8125rem]">
        {hidden > 0 && <li className="pl-6 text-ink-faint">{hidden.toLocaleString('en')} earlier</li>}
        {shown.map((step, index) => {
          const isLast = index === shown.length - 1;
          const isCurrent = isLast && !isFinished(status);
          return (
            <li
              key={step.seq}
              aria-current={isCurrent ? 'step' : undefined}
              className="flex items-center gap-2"
            >
              <StepIcon state={isCurrent ? 'current' : isLast ? 'broken-off' : 'done'} />
              <span className={isCurrent ? 'font-medium' : 'text-ink-soft'}>{step.name}</span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function StepIcon({ state }: { state: 'done' | 'current' | 'broken-off' }) {
  if (state === 'current') return <Spinner className="text-accent" />;
  const Icon = state === 'done' ? Check : Minus;
  return <Icon aria-hidden className="size-4 text-ink-faint" />;
}
