import type { Frame } from '@gantry/chrome';
import { strToU8, zipSync } from 'fflate';

/** Something that happened in a run; `atMs` after its start. */
export type TraceEntry = { atMs: number } & (
  | { type: 'step'; name: string }
  | {
      type: 'row';
      index: number;
      line: number | null;
      key: string;
      status: string;
      message: string | null;
    }
  | { type: 'log'; level: string; message: string }
  | { type: 'console'; page: number; level: string; message: string }
);

/**
 * Writes a trace: a ZIP with the pictures as they are and a `trace.json` that says when each was seen and what happened.
 * `docs/traces.md` describes it for others; the web app reads it by that.
 */
export function writeTraceFile(o: {
  jobId: string;
  attempt: number;
  startedAt: number;
  endedAt: number;
  frames: readonly Frame[];
  entries: readonly TraceEntry[];
}): Uint8Array {
  const files: Record<string, [Uint8Array, { level: 0 | 6 }]> = {};
  const frames = o.frames.map(({ at, page, jpeg }, index) => {
    const file = `frames/${String(index + 1).padStart(5, '0')}.jpg`;
    files[file] = [jpeg, { level: 0 }];
    return { atMs: Math.max(0, Math.round(at - o.startedAt)), page, file };
  });
  const trace = {
    version: 1,
    jobId: o.jobId,
    attempt: o.attempt,
    startedAt: new Date(o.startedAt).toISOString(),
    durationMs: Math.round(o.endedAt - o.startedAt),
    frames,
    entries: o.entries,
  };
  return zipSync({ 'trace.json': [strToU8(JSON.stringify(trace)), { level: 6 }], ...files });
}
