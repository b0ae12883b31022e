import type { WaitReason } from './wait-reason.ts';

/** Why a pending job waits, in a few words: `2 ahead`, `queue paused`. */
export function describeWaitReason(reason: WaitReason): string {
  switch (reason.code) {
    case 'next':
      return 'next';
    case 'ahead':
      return `${reason.count} ahead`;
    case 'more_ahead':
      return `over ${reason.count.toLocaleString('en')} ahead`;
    case 'queue_paused':
      return 'queue paused';
    case 'no_worker':
      return 'no worker for this service';
    case 'blocked':
      return `waits for ${reason.count} ${reason.count === 1 ? 'job' : 'jobs'}`;
    case 'scheduled':
      return `scheduled for ${reason.at}`;
    case 'retrying':
      return 'waiting to retry';
    default:
      // A newer server may have more codes.
      return describeUnknown(reason);
  }
}

function describeUnknown(_reason: never): string {
  return 'waits for its turn';
}
