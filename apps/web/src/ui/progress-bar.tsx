import { cn } from './cn.ts';

/** A bar from 0 to 1; without a value it says only that something moves. */
export function ProgressBar({
  value,
  label,
  tone = 'accent',
}: {
  value: number | null;
  label: string;
  tone?: 'accent' | 'good' | 'warn' | 'bad' | 'neutral';
}) {
  return (
    <progress
      aria-label={label}
      max={100}
      {...(value !== null && { value: Math.round(value * 100) })}
      className={cn(
        'gauge block h-2 w-full',
        value === null && 'animate-pulse',
        {
          accent: 'text-accent',
          good: 'text-good',
          warn: 'text-warn',
          bad: 'text-bad',
          neutral: 'text-line-strong',
        }[tone],
      )}
    />
  );
}
