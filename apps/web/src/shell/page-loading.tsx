import { Skeleton } from '../ui/skeleton.tsx';

/** Stands in while the code of a page is on its way. */
export function PageLoading() {
  return (
    <div role="status" className="grid gap-4">
      <span className="sr-only">Loading the page…</span>
      <Skeleton className="h-7 w-56" />
      <Skeleton className="h-4 w-80 max-w-full" />
      <Skeleton className="mt-4 h-64" />
    </div>
  );
}
