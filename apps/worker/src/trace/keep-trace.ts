import type { Automation } from '@gantry/automations';
import type { Evidence } from '@gantry/chrome';
import type { AttemptRef } from '@gantry/core';

import type { Config } from '../config.ts';
import { keepArtifact } from '../reports/keep-artifact.ts';
import type { WorkerDeps } from '../worker-deps.ts';
import { Trace } from './trace.ts';

/** Begins a trace if one is wanted: by the worker's settings, or by the automation. */
export function openTrace(
  config: Pick<Config, 'trace'>,
  automation: Pick<Automation, 'trace'>,
): Trace | null {
  return traceMode(config, automation) === 'off' ? null : new Trace();
}

/** Whether the trace of an attempt that has ended is kept. */
export function isKept(
  config: Pick<Config, 'trace'>,
  automation: Pick<Automation, 'trace'>,
  hasFailed: boolean,
): boolean {
  const mode = traceMode(config, automation);
  return mode === 'always' || (mode === 'on-failure' && hasFailed);
}

/** Keeps the trace of an attempt. That it could not be kept is no reason to fail. */
export async function keepTrace(
  deps: Pick<WorkerDeps, 'pool' | 'storage' | 'log'> & { maxStorageBytes: number },
  attempt: AttemptRef,
  o: { trace: Trace; evidence: Evidence; signal: AbortSignal },
): Promise<void> {
  const name = `trace-attempt-${attempt.attempt}.zip`;
  const body = o.trace.toFile(attempt, o.evidence.cleanText);
  await keepArtifact(deps, attempt, { name, contentType: 'application/zip', body }, o.signal).catch(
    (error: unknown) => deps.log.debug({ err: error, jobId: attempt.jobId }, 'the trace could not be kept'),
  );
}

function traceMode(
  { trace }: Pick<Config, 'trace'>,
  automation: Pick<Automation, 'trace'>,
): Automation['trace'] {
  return trace ?? automation.trace;
}
