import type { JobStatus } from '@gantry/client';
import type { LiveJob } from '@gantry/react';
import { Check, Hourglass, type LucideIcon, Minus, X } from 'lucide-react';

import { Spinner } from '../../ui/spinner.tsx';
import { type StepState, stepStates } from './step-states.ts';

/** Only the newest steps: a job that visits 300 pages has 300 of them, and the log has them all. */
const STEPS_SHOWN = 5;

/** What the job has done last, what it does now, and which of it failed. */
export function JobSteps({
  live: { steps, rows, states },
  status,
}: {
  live: Pick<LiveJob, 'steps' | 'rows' | 'states'>;
  status: JobStatus;
}) {
  if (steps.length === 0) return null;
  const shown = steps.slice(-STEPS_SHOWN);
  const hidden = steps.length - shown.length;
  const outcomes = stepStates({ steps: shown, rows, states, status });
  return (
    <div className="mt-4 border-t border-line pt-3">
      <h2 className="sr-only">Steps</h2>
      <ol className="grid gap-1.5 text-[0.8125rem]">
        {hidden > 0 && <li className="pl-6 text-ink-faint">{hidden.toLocaleString('en')} earlier</li>}
        {shown.map((step, index) => {
          const state = outcomes[index] ?? 'done';
          const isCurrent = state === 'current';
          return (
            <li
              key={step.seq}
              aria-current={isCurrent ? 'step' : undefined}
              className="flex items-center gap-2"
            >
              {state === 'current' ? <Spinner className="text-accent" /> : <StepIcon state={state} />}
              <span className={isCurrent ? 'font-medium' : 'text-ink-soft'}>{step.name}</span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

const LOOKS: Record<Exclude<StepState, 'current'>, { icon: LucideIcon; text: string; className: string }> = {
  done: { icon: Check, text: 'Done:', className: 'text-good' },
  failed: { icon: X, text: 'Failed:', className: 'text-bad' },
  stopped: { icon: Minus, text: 'Stopped:', className: 'text-ink-faint' },
  open: { icon: Hourglass, text: 'No answer yet:', className: 'text-ink-faint' },
};

function StepIcon({ state }: { state: keyof typeof LOOKS }) {
  const { icon: Icon, text, className } = LOOKS[state];
  return (
    <>
      <Icon aria-hidden className={`size-4 shrink-0 ${className}`} />
      <span className="sr-only">{text}</span>
    </>
  );
}
