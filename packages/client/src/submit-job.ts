import type { JsonValue } from '@gantry/contract';

import { unexpectedAnswer } from './api-error.ts';
import type { Submitted } from './api-values.ts';
import type { Connection } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { encodeForm } from './encode-form.ts';
import { type SheetFile, toNamedFile } from './named-file.ts';
import { type SendOptions, sendForm } from './send-form.ts';
import type { FoundRows } from './upload-file.ts';

/** What is to be done. */
export type Submission = {
  serviceId: string;
  /** The spreadsheet. */
  file?: SheetFile | undefined;
  /** By the service's JSON Schema. */
  input?: JsonValue | undefined;
  /** 0 normal, 1 high, 2 urgent (admins). */
  priority?: 0 | 1 | 2 | undefined;
  /** Not before then: ISO 8601 with an offset. */
  runAt?: string | undefined;
  /** Repeating a submission with the same key returns the first job. */
  idempotencyKey?: string | undefined;
  /** Jobs of one's own that it runs after; it waits until all of them have completed. */
  dependsOn?: Dependency[] | undefined;
  /** To find it by: at most 10, each of 1 to 40 characters. */
  tags?: string[] | undefined;
};

/** A job to run after, and what is to happen when that one fails or is cancelled: by default this one fails too. */
export type Dependency = { jobId: string; onFailure?: 'fail' | 'cancel' | 'run' | undefined };

/** A job in line, and what was found in a workbook that was submitted with it. */
export type SubmittedJob = Submitted & { rows?: FoundRows };

/** Submits a job. @throws {GantryApiError} */
export async function submitJob(
  connection: Connection,
  o: ConnectionOptions,
  { file, ...submission }: Submission,
  options: SendOptions,
): Promise<SubmittedJob> {
  if (!file) {
    return connection.jobs.submit.mutate(submission, options.signal ? { signal: options.signal } : {});
  }
  const { serviceId, input, priority, runAt, idempotencyKey, dependsOn, tags } = submission;
  const body = encodeForm(
    {
      serviceId,
      input: input === undefined ? undefined : JSON.stringify(input),
      priority: priority?.toString(),
      runAt,
      idempotencyKey,
      dependsOn: dependsOn && JSON.stringify(dependsOn),
      tags: tags && JSON.stringify(tags),
    },
    await toNamedFile(file),
  );
  const submitted = await sendForm(o, '/api/queue/submit', body, options);
  if (!isSubmitted(submitted)) throw unexpectedAnswer(200);
  return submitted;
}

function isSubmitted(answer: unknown): answer is SubmittedJob {
  return typeof answer === 'object' && answer !== null && 'jobId' in answer;
}
