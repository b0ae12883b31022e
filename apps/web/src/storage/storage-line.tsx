import { useQueueInfo } from '@gantry/react';

import { describeStorage } from './describe-storage.ts';

/** How much storage the user uses, in one line. */
export function StorageLine() {
  const { data } = useQueueInfo();
  if (!data) return null;
  const { text, state } = describeStorage(data.storage);
  return (
    <p className={state === 'free' ? 'text-xs text-ink-faint' : 'text-xs text-warn'}>
      {`Storage: ${text}`}
      {state !== 'free' && '. Delete old jobs.'}
    </p>
  );
}
