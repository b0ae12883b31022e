import type { Submission, Submitted } from '@gantry/client';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { useGantryClient } from './gantry-provider.tsx';

/** What {@link useSubmitJob} gives. */
export type SubmitJob = {
  /** Whether a file is being sent or checked. */
  isPending: boolean;
  /** How much of the file was sent, from 0 to 1; null when nothing is being sent. */
  progress: number | null;
  /** Why the last submission was refused. */
  error: Error | null;
  /** The submitted job; null if it was refused (see `error`) or cancelled. */
  submit: (submission: Submission) => Promise<Submitted | null>;
  /** Breaks off what is being sent. */
  cancel: () => void;
};

/** Submits jobs: reports the progress of the upload, and can be cancelled. */
export function useSubmitJob(): SubmitJob {
  const client = useGantryClient();
  const queries = useQueryClient();
  const abort = useRef<AbortController>(null);
  const [state, setState] = useState<{ isPending: boolean; progress: number | null; error: Error | null }>({
    isPending: false,
    progress: null,
    error: null,
  });
  useEffect(() => () => abort.current?.abort(), []);

  async function submit(submission: Submission): Promise<Submitted | null> {
    const controller = new AbortController();
    abort.current = controller;
    setState({ isPending: true, progress: submission.file ? 0 : null, error: null });
    try {
      const job = await client.jobs.submit(submission, {
        signal: controller.signal,
        onUploadProgress: ({ sentBytes, totalBytes }) =>
          setState((before) => ({ ...before, progress: totalBytes > 0 ? sentBytes / totalBytes : null })),
      });
      await queries.invalidateQueries({ queryKey: ['gantry', 'jobs'] });
      setState({ isPending: false, progress: null, error: null });
      return job;
    } catch (error) {
      const shown = controller.signal.aborted
        ? null
        : error instanceof Error
          ? error
          : new Error(String(error));
      setState({ isPending: false, progress: null, error: shown });
      return null;
    }
  }

  return { ...state, submit, cancel: () => abort.current?.abort() };
}
