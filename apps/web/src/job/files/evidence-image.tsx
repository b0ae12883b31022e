import { type JobFile, useGantryClient } from '@gantry/react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { ErrorPanel } from '../../errors/error-panel.tsx';
import { showBytes } from '../../format/show-bytes.ts';
import { Skeleton } from '../../ui/skeleton.tsx';

/** A screenshot that a job kept, fetched with the token and shown from memory. */
export function EvidenceImage({ artifact, label }: { artifact: JobFile; label: string }) {
  const client = useGantryClient();
  const image = useQuery({
    queryKey: ['gantry', 'artifact', artifact.id],
    queryFn: () => client.jobs.download(artifact.id),
    staleTime: Infinity,
    gcTime: 60_000,
  });
  // A new ref at each render would load the picture anew.
  const show = useMemo(() => image.data && showBytes(image.data), [image.data]);
  if (image.error) return <ErrorPanel error={image.error} onRetry={() => void image.refetch()} />;
  return (
    <figure className="grid gap-2">
      {show ? (
        <img key={artifact.id} ref={show} alt={label} className="w-full rounded-md border border-line" />
      ) : (
        <Skeleton className="h-56" />
      )}
      <figcaption className="text-[0.8125rem] text-ink-faint">{artifact.name}</figcaption>
    </figure>
  );
}
