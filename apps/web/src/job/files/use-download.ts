import { type JobFile, useGantryClient } from '@gantry/react';
import { useMutation } from '@tanstack/react-query';

import { toastError } from '../../errors/toast-error.tsx';
import { saveFile } from '../../format/save-file.ts';

/** Downloads a file of a job. It goes through the client, because a plain link could not carry the token. */
export function useDownload() {
  const client = useGantryClient();
  return useMutation({
    mutationFn: async (file: JobFile) => saveFile(await client.jobs.download(file.id), file.name),
    onError: toastError,
  });
}
