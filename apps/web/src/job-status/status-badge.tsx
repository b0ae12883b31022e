import type { Job, RowResult, WaitReason } from '@gantry/client';
import {
  Ban,
  CalendarClock,
  CircleCheck,
  CircleX,
  Clock,
  CopyX,
  Hourglass,
  type LucideIcon,
  Pause,
  Play,
  RotateCw,
  TriangleAlert,
} from 'lucide-react';

import { cn } from '../ui/cn.ts';
import { Spinner } from '../ui/spinner.tsx';

const TONES = {
  good: 'bg-good-wash text-good',
  bad: 'bg-bad-wash text-bad',
  warn: 'bg-warn-wash text-warn',
  accent: 'bg-accent-wash text-accent',
  neutral: 'bg-hover text-ink-soft',
} as const;

type Look = { label: string; tone: keyof typeof TONES; icon: LucideIcon | null };

/** The state of a job: icon, word and colour. A pending job says why it waits, a completed one warns of failed rows. */
export function JobStatusBadge({
  job,
  wait = null,
  isPast = false,
}: {
  job: Pick<Job, 'status'> & Partial<Pick<Job, 'cause' | 'blockedBy' | 'failedRows'>>;
  wait?: WaitReason | null;
  /** For a state that has been left: nothing turns any more. */
  isPast?: boolean;
}) {
  const look = jobLook(job, wait);
  return <Badge {...look} icon={look.icon ?? (isPast ? Play : null)} />;
}

/** The state of one row's answer. */
export function RowStatusBadge({ status }: { status: RowResult['status'] }) {
  return <Badge {...ROW_LOOKS[status]} />;
}

const ROW_LOOKS: Record<RowResult['status'], Look> = {
  completed: { label: 'Completed', tone: 'good', icon: CircleCheck },
  failed: { label: 'Failed', tone: 'bad', icon: CircleX },
  invalid: { label: 'Invalid', tone: 'warn', icon: Ban },
  duplicate: { label: 'Duplicate', tone: 'neutral', icon: CopyX },
};

const JOB_LOOKS: Record<Exclude<Job['status'], 'pending'>, Look> = {
  completed: { label: 'Completed', tone: 'good', icon: CircleCheck },
  failed: { label: 'Failed', tone: 'bad', icon: CircleX },
  cancelled: { label: 'Cancelled', tone: 'neutral', icon: Ban },
  processing: { label: 'Processing', tone: 'accent', icon: null },
};

function jobLook(job: Parameters<typeof JobStatusBadge>[0]['job'], wait: WaitReason | null): Look {
  if (job.status === 'completed' && job.failedRows)
    return { ...JOB_LOOKS.completed, tone: 'warn', icon: TriangleAlert };
  if (job.status !== 'pending') return JOB_LOOKS[job.status];
  if (wait?.code === 'queue_paused') return { label: 'Paused', tone: 'warn', icon: Pause };
  if (wait?.code === 'scheduled') return { label: 'Scheduled', tone: 'neutral', icon: CalendarClock };
  if (job.blockedBy) return { label: 'Waiting', tone: 'neutral', icon: Hourglass };
  if (job.cause?.code === 'retry') return { label: 'Retrying', tone: 'warn', icon: RotateCw };
  return { label: 'Pending', tone: 'neutral', icon: Clock };
}

function Badge({ label, tone, icon: Icon }: Look) {
  return (
    <span
      className={cn(
        'inline-flex h-6 items-center gap-1.5 rounded-full px-2.5 text-xs font-medium whitespace-nowrap',
        TONES[tone],
      )}
    >
      {Icon ? <Icon aria-hidden className="size-3.5" /> : <Spinner className="size-3.5" />}
      {label}
    </span>
  );
}
