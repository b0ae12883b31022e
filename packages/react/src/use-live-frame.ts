import type { LiveFrame, LiveOptions, LiveState } from '@gantry/client';
import { useEffect, useState } from 'react';

import { useGantryClient } from './gantry-provider.tsx';

/** What can be seen of a running page. */
export type LiveView = {
  /** The newest picture; also when no more come. */
  frame: LiveFrame | null;
  state: LiveState;
  /** Why there are no pictures, when the API refuses them. */
  error: Error | null;
};

const NOTHING: LiveView = { frame: null, state: 'waiting', error: null };

/**
 * The page of a job while it is worked on. While nothing is wanted nothing is sent, and the last picture stays.
 *
 * @param o.isOn whether pictures are wanted: only while they are visible, since each costs the worker time
 */
export function useLiveFrame(jobId: string, o: { isOn: boolean } & Pick<LiveOptions, 'size'>): LiveView {
  const client = useGantryClient();
  const { isOn, size } = o;
  const [shown, setShown] = useState({ jobId, view: NOTHING });
  useEffect(() => {
    if (!isOn) return undefined;
    const abort = new AbortController();
    const change = (news: Partial<LiveView>) => {
      if (!abort.signal.aborted)
        setShown((before) => ({
          jobId,
          view: { ...(before.jobId === jobId ? before.view : NOTHING), ...news },
        }));
    };
    const onState = (state: LiveState) => change({ state });
    // What was live before a pause is not known to be so now.
    change({ error: null, state: 'connecting' });
    void show(client.jobs.live(jobId, { signal: abort.signal, size, onState }), change);
    return () => abort.abort();
  }, [client, jobId, isOn, size]);
  return shown.jobId === jobId ? shown.view : NOTHING;
}

async function show(
  frames: AsyncIterable<LiveFrame>,
  change: (news: Partial<LiveView>) => void,
): Promise<void> {
  try {
    for await (const frame of frames) change({ frame });
  } catch (error) {
    change({ error: error instanceof Error ? error : new Error(String(error)) });
  }
}
