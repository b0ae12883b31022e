import { withApiErrors } from './api-error.ts';
import type { JsonValue, Submitted } from './api-values.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { type SendOptions, sendForm } from './send-form.ts';

/** What is to be done. */
export type Submission = {
  serviceId: string;
  /** The spreadsheet: a browser's `File`, or bytes with a name. */
  file?: File | { name: string; data: Blob | Uint8Array<ArrayBuffer> } | undefined;
  /** By the service's JSON Schema. */
  input?: JsonValue | undefined;
  /** 0 normal, 1 high, 2 urgent (admins). */
  priority?: 0 | 1 | 2 | undefined;
  /** ISO 8601 with an offset; for submissions without a file. */
  runAt?: string | undefined;
  /** Repeating a submission with the same key returns the first job. */
  idempotencyKey?: string | undefined;
};

/** Submits a job. @throws {GantryApiError} */
export function submitJob(
  connection: Connection,
  o: ConnectionOptions,
  s: Submission,
  options: SendOptions,
): Promise<Submitted> {
  const { file, ...rest } = s;
  if (!file) {
    return withApiErrors(
      () => connection.jobs.submit.mutate(rest, options.signal ? { signal: options.signal } : {}),
      options.signal,
    );
  }
  const form = new FormData();
  form.append('serviceId', s.serviceId);
  if (s.input !== undefined) form.append('input', JSON.stringify(s.input));
  if (s.priority !== undefined) form.append('priority', String(s.priority));
  // Last, so that the server knows what it is for when it comes.
  if (file instanceof Blob) form.append('file', file, file.name);
  else form.append('file', file.data instanceof Blob ? file.data : new Blob([file.data]), file.name);
  const headers: Record<string, string> =
    s.idempotencyKey === undefined ? {} : { 'idempotency-key': s.idempotencyKey };
  return sendForm(o, '/api/queue/submit', form, { ...options, headers });
}
