import type { WorkerDeps } from '../../src/worker-deps.ts';

/** A signal that a worker sends to itself at a point that no signal from outside would hit. */
export type Fault = {
  at: 'claimed' | 'before a file is stored' | 'after a file was stored' | 'completed';
  signal: 'SIGKILL' | 'SIGSTOP';
};

/** The same parts of a worker, with a fault in them. The product knows nothing of it. */
export function withFault(deps: WorkerDeps, fault: Fault | undefined): WorkerDeps {
  if (!fault) return deps;
  const reach = (point: Fault['at']) => {
    if (point === fault.at) process.kill(process.pid, fault.signal);
  };
  const query = async (asked: { name?: string; text: string }) => {
    const answer = await deps.pool.query(asked);
    if (asked.name === 'claim-jobs' && answer.rowCount) reach('claimed');
    if (asked.name === 'complete-jobs') reach('completed');
    return answer;
  };
  const put: WorkerDeps['storage']['put'] = async (...file) => {
    reach('before a file is stored');
    const stored = await deps.storage.put(...file);
    reach('after a file was stored');
    return stored;
  };
  return {
    ...deps,
    pool: new Proxy(deps.pool, { get: (pool, key) => (key === 'query' ? query : Reflect.get(pool, key)) }),
    storage: { ...deps.storage, put },
  };
}
