/** Parameters of the errors that the queue itself finds. */
export type JobErrorParams = {
  /** DEPENDENCY_FAILED: the job that did not complete. */
  jobId?: string;
  /** WORKER_LOST: whether the job is tried again. */
  isRescued?: boolean;
  /** WORKER_LOST: how often the job ran alone on a worker that was lost, when that is why it is not tried again. */
  lossesAlone?: number | null;
};

/** What the database keeps of a job's error: a sentence that a worker reported, or the parameters of an error of the queue. */
export type StoredJobError = { code: string; message: string | null; params: JobErrorParams | null };

/** The error of a job with its sentence. */
export function describeJobError({ code, message, params }: StoredJobError): {
  code: string;
  message: string;
} {
  return { code, message: message ?? sentenceOf(code, params ?? {}) };
}

function sentenceOf(code: string, { jobId, isRescued, lossesAlone }: JobErrorParams): string {
  if (code === 'DEPENDENCY_FAILED') return `Job ${jobId}, which this one depends on, did not complete.`;
  const lost = 'The worker that ran this job died or stopped answering';
  if (typeof lossesAlone === 'number') {
    return `The worker died or stopped answering ${lossesAlone} times while it ran this job and no other, so it is not tried again. Try it with less input, or tell whoever maintains this service.`;
  }
  return isRescued ? `${lost}.` : `${lost}, and no attempt is left. Retry the job to give it new ones.`;
}
