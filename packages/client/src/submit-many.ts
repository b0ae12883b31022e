import { unexpectedAnswer } from './api-error.ts';
import type { SubmittedMany } from './api-values.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { sendForm } from './send-form.ts';
import type { Dependency, Submission } from './submit-job.ts';

/** One of many submissions. It may run after another of the list, by its index. */
export type ListedSubmission = Omit<Submission, 'file' | 'dependsOn'> & {
  dependsOn?: (Dependency | { index: number; onFailure?: Dependency['onFailure'] })[] | undefined;
};

/** Submits up to 1,000 jobs in one request. @throws {GantryApiError} when the list as a whole is refused */
export async function submitMany(
  o: ConnectionOptions,
  submissions: ListedSubmission[],
  { signal }: { signal?: AbortSignal | undefined },
): Promise<SubmittedMany> {
  const body = new Blob([JSON.stringify({ jobs: submissions })], { type: 'application/json' });
  const answer = await sendForm(o, '/api/queue/submit-many', body, { signal });
  if (!isAnswer(answer)) throw unexpectedAnswer(200);
  return answer;
}

function isAnswer(answer: unknown): answer is SubmittedMany {
  return typeof answer === 'object' && answer !== null && 'jobs' in answer && Array.isArray(answer.jobs);
}
