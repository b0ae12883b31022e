import { cn } from './cn.ts';

/** A bar from 0 to 1; without a value it says only that something moves. */
export function ProgressBar({
  value,
  label,
  tone = 'accent',
}: {
  value: number | null;
  label: string;
  tone?: 'accent' | 'good' | 'bad' | 'neutral';
}) {
  const percent = value === null ? undefined : Math.round(value * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className="h-2 overflow-hidden rounded-full bg-hover"
    >
      <div
        className={cn(
          'h-full rounded-full transition-[width] duration-300 ease-out',
          percent === undefined && 'w-1/3 animate-pulse',
          { accent: 'bg-accent', good: 'bg-good', bad: 'bg-bad', neutral: 'bg-line-strong' }[tone],
        )}
        style={percent === undefined ? undefined : { width: `${percent}%` }}
      />
    </div>
  );
}
