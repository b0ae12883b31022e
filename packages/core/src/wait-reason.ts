/** Why a pending job waits, as gantry.describe_wait finds it. */
export type WaitReason =
  /** No job is ahead of it. */
  | { code: 'next' }
  /** So many jobs are ahead of it, or more. */
  | { code: 'ahead'; count: number; isMore: boolean }
  /** An administrator paused its queue, or set the limit of the queue to 0. */
  | { code: 'queue_paused' }
  /** No worker runs its service. */
  | { code: 'no_worker' }
  /** It depends on so many jobs that have not finished. */
  | { code: 'blocked'; jobs: number }
  /** Its time has not come. `runAt` is ISO 8601 in UTC. */
  | { code: 'scheduled'; runAt: string }
  /** An attempt failed, and the pause after it is not over. */
  | { code: 'retry'; runAt: string };
