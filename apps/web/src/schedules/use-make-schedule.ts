import { GantryApiError, type NewSchedule } from '@gantry/client';
import { useGantryClient } from '@gantry/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { SCHEDULES_KEY } from './use-schedules.ts';

/** A schedule, and the file that each of its jobs gets. */
export type ScheduleDraft = Omit<NewSchedule, 'uploadId'> & { file: File | null };

/** Makes schedules: uploads the file first, reports its progress, and can be cancelled. */
export function useMakeSchedule(onMade: () => void) {
  const client = useGantryClient();
  const queries = useQueryClient();
  const [progress, setProgress] = useState<number | null>(null);
  const abort = useRef<AbortController>(null);
  // What was refused for its rule is sent again without its file.
  const uploaded = useRef<{ file: File; uploadId: string }>(null);
  useEffect(() => () => abort.current?.abort(), []);

  async function upload(serviceId: string, file: File, signal: AbortSignal): Promise<string> {
    if (uploaded.current?.file === file) return uploaded.current.uploadId;
    setProgress(0);
    const { uploadId } = await client.uploads.create(
      { serviceId, file },
      {
        signal,
        onUploadProgress: ({ sentBytes, totalBytes }) =>
          setProgress(totalBytes > 0 ? sentBytes / totalBytes : null),
      },
    );
    uploaded.current = { file, uploadId };
    return uploadId;
  }

  const making = useMutation({
    mutationFn: async ({ file, ...schedule }: ScheduleDraft): Promise<'made' | 'cancelled'> => {
      const controller = new AbortController();
      abort.current = controller;
      try {
        const { signal } = controller;
        const uploadId = file ? await upload(schedule.serviceId, file, signal) : undefined;
        await client.schedules.create({ ...schedule, uploadId });
        return 'made';
      } catch (error) {
        if (controller.signal.aborted) return 'cancelled';
        throw error;
      }
    },
    onSuccess: async (end) => {
      if (end === 'cancelled') return;
      await queries.invalidateQueries({ queryKey: SCHEDULES_KEY });
      onMade();
    },
    onError: (error) => {
      // The page was open for so long that the file has been swept away.
      if (error instanceof GantryApiError && error.code === 'UPLOAD_NOT_FOUND') uploaded.current = null;
    },
    onSettled: () => setProgress(null),
  });

  return {
    make: making.mutate,
    isPending: making.isPending,
    /** How much of the file was sent, from 0 to 1; null when nothing is being sent. */
    progress,
    /** Why it was refused. */
    error: making.error,
    cancel: () => abort.current?.abort(),
  };
}
