import type { WaitReason } from './api-values.ts';

/** Why a pending job waits, in a few words: `next`, `2 ahead`, `queue paused`, `waits for 1 job`. */
export function describeWaitReason(reason: WaitReason): string {
  switch (reason.code) {
    case 'next':
      return 'next';
    case 'ahead':
      return `${reason.isMore ? 'over ' : ''}${reason.count.toLocaleString('en')} ahead`;
    case 'queue_paused':
      return 'queue paused';
    case 'no_worker':
      return 'no worker for this service';
    case 'blocked':
      return `waits for ${reason.jobs} ${reason.jobs === 1 ? 'job' : 'jobs'}`;
    case 'scheduled':
      return `scheduled for ${reason.runAt.replace(/\.\d+Z$/, 'Z')}`;
    default:
      return 'waiting to retry';
  }
}
