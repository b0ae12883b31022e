import { describeWaitReason, type JobStatusView } from '@gantry/client';

const UNITS = [
  { name: 's', ms: 1_000, most: 55, step: 5 },
  { name: 'min', ms: 60_000, most: 90, step: 1 },
  { name: 'h', ms: 3_600_000, most: 36, step: 1 },
  { name: 'd', ms: 86_400_000, most: Number.POSITIVE_INFINITY, step: 1 },
] as const;

/**
 * How long a pending job will probably wait, as people say it: `a few seconds`, `about 3–5 min`, `up to 2 min`,
 * `more than 4 h`. Null when nothing can be said.
 */
export function describeWaitTime(job: Pick<JobStatusView, 'estimatedWaitRange'>): string | null {
  if (!job.estimatedWaitRange) return null;
  const { p50Ms, p90Ms } = job.estimatedWaitRange;
  if (p90Ms !== null && p90Ms < 5_000) return 'a few seconds';
  const longest = p90Ms ?? p50Ms;
  const unit = UNITS.find(({ ms, most }) => longest / ms < most) ?? UNITS[3];
  const round = (durationMs: number) => Math.round(durationMs / unit.ms / unit.step) * unit.step;
  const [low, high] = [round(p50Ms), Math.max(unit.step, round(longest))];
  if (p90Ms === null) return `more than ${Math.max(low, unit.step)} ${unit.name}`;
  if (low === 0) return `up to ${high} ${unit.name}`;
  return low === high ? `about ${low} ${unit.name}` : `about ${low}–${high} ${unit.name}`;
}

/** How long a pending job will probably wait and why, in a line: `about 3–5 min · 2 ahead`, `queue paused`. */
export function describeWait(job: Pick<JobStatusView, 'estimatedWaitRange' | 'wait'>): string {
  const parts = [describeWaitTime(job), job.wait && describeWaitReason(job.wait)].filter(
    (part) => part !== null,
  );
  return parts.join(' · ') || 'waits for its turn';
}
