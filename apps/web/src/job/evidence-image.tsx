import { type JobFile, useGantryClient } from '@gantry/react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

/** A screenshot that a job kept, fetched with the token and shown from memory. */
export function EvidenceImage({ artifact, label }: { artifact: JobFile; label: string }) {
  const client = useGantryClient();
  const image = useQuery({
    queryKey: ['artifact', artifact.id],
    queryFn: () => client.jobs.download(artifact.id),
    staleTime: Infinity,
    gcTime: 60_000,
  });
  const url = useObjectUrl(image.data);
  if (image.error) return <ErrorPanel error={image.error} onRetry={() => void image.refetch()} />;
  return (
    <figure className="grid gap-2">
      {url === null ? (
        <Skeleton className="h-56" />
      ) : (
        <img src={url} alt={label} className="w-full rounded-md border border-line" />
      )}
      <figcaption className="text-[0.8125rem] text-ink-faint">{artifact.name}</figcaption>
    </figure>
  );
}

function useObjectUrl(blob: Blob | undefined): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) return undefined;
    const created = URL.createObjectURL(blob);
    setUrl(created);
    return () => URL.revokeObjectURL(created);
  }, [blob]);
  return url;
}
