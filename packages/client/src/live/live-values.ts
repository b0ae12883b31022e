/** A picture of a running page. */
export type LiveFrame = {
  jobId: string;
  /** The attempt that the page belongs to. */
  attempt: number;
  /** A JPEG. */
  image: Blob;
};

/**
 * Whether pictures come: `waiting` for the job to run, `connecting` while there are none for the moment, `live` while
 * each change of the page is shown. `ended`: the job has finished.
 */
export type LiveState = 'waiting' | 'connecting' | 'live' | 'ended';

/** A job that runs, as the grid of all running jobs names it. */
export type RunningJob = {
  jobId: string;
  attempt: number;
  serviceName: string;
  fileName: string | null;
  userEmail: string | null;
  startedAt: string;
};
