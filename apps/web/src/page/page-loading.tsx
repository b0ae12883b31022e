import { Skeleton } from '../ui/skeleton.tsx';

/** Stands in while a page or what it shows is on its way. */
export function PageLoading() {
  return (
    <div className="grid gap-4">
      <output className="sr-only">Loading the page…</output>
      <Skeleton className="h-7 w-56" />
      <Skeleton className="h-4 w-80 max-w-full" />
      <Skeleton className="mt-4 h-64" />
    </div>
  );
}
