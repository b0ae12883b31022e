import { useQueueInfo } from '@gantry/react';
import { Link } from '@tanstack/react-router';

import { buttonStyle } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { describeStorage } from './describe-storage.ts';

/** Warns before an upload that little storage, or none, is left, and leads to the jobs that can be deleted. */
export function StorageNotice() {
  const { data } = useQueueInfo();
  if (!data) return null;
  const { text, state } = describeStorage(data.storage);
  if (state === 'free') return null;
  return (
    <Notice
      tone={state === 'full' ? 'bad' : 'warn'}
      title={`Your storage is ${state}: ${text}.`}
      action={
        <Link to="/jobs" className={buttonStyle({ size: 'small' })}>
          My jobs
        </Link>
      }
    >
      {state === 'full' ? 'New jobs are refused. ' : 'When it is full, new jobs are refused. '}
      Open finished jobs whose results you have saved, the oldest first, and delete them.
    </Notice>
  );
}
