import { cn } from './cn.ts';

/** A grey place-holder in the shape of what is coming. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn('animate-pulse rounded-md bg-hover', className)} />;
}

/** Place-holders for a list, announced once as loading. */
export function SkeletonList({
  label,
  rows,
  className,
}: {
  label: string;
  rows: number;
  className?: string;
}) {
  return (
    <div className="grid gap-2">
      <output className="sr-only">{label}</output>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} className={cn('h-12', className)} />
      ))}
    </div>
  );
}
