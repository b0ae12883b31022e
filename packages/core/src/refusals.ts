import { GantryError, type GantryErrorCode } from './errors.ts';

/** What the queue refuses, in a sentence. The functions of the schema `gantry` raise these codes. */
const SENTENCES = {
  DEPENDENCY_NOT_FOUND:
    'A job that this one is to run after does not exist, is not yours or has expired. Leave it out, or submit it again first.',
  DEPENDENCY_UNMET:
    'A job that this one runs after did not complete. Retry that one first, or run this one again without it.',
  FILE_NAME_TAKEN: 'This attempt has a file of this name already.',
  IDEMPOTENCY_CONFLICT:
    'This idempotency key was used for a different submission. Use a new key for a new job.',
  JOB_ALREADY_FINISHED: 'The job has already finished, so it cannot be cancelled.',
  JOB_NOT_FOUND: 'There is no such job. It may have expired; look at your list of jobs.',
  JOB_NOT_RETRYABLE: 'Only a failed job can be retried.',
  QUEUE_EXISTS: 'There is a queue of this name already. Choose another name.',
  QUEUE_IN_USE:
    'A queue can be deleted when no service is bound to it and none of its jobs waits or runs. Bind its services to another queue and let its jobs end first.',
  QUEUE_NOT_FOUND: 'There is no such queue. It may have been deleted; look at the list of queues.',
  QUOTA_EXCEEDED:
    'You have as many unfinished jobs as you may have. Wait until some have finished, or cancel some, and submit again.',
  SCHEDULE_NOT_FOUND: 'There is no such schedule. It may have been deleted; look at your list of schedules.',
  SERVICE_NOT_FOUND: 'There is no such service. Pick one from the list of services.',
  STORAGE_QUOTA_EXCEEDED:
    'Your files fill the storage that you may use. Delete finished jobs whose results you have saved: their files are deleted with them. Otherwise files are deleted when results expire, and uploads that no job uses after a day.',
  UPLOAD_NOT_FOUND: 'There is no such upload. Upload the file again.',
  WORKER_UNKNOWN: 'This worker is not registered, or takes nothing new.',
} satisfies Partial<Record<GantryErrorCode, string>>;

/** A code of {@link SENTENCES}. */
export type RefusalCode = keyof typeof SENTENCES;

/** The queue's error for one of its refusals. */
export function refusalOf(code: RefusalCode, options?: ErrorOptions): GantryError {
  return new GantryError(code, SENTENCES[code], options);
}

/** Tells whether a text is a code of a refusal. */
export function isRefusalCode(text: string): text is RefusalCode {
  return Object.hasOwn(SENTENCES, text);
}
