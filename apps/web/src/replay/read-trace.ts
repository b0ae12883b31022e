import { strFromU8, type Unzipped, unzipSync } from 'fflate';

const BROKEN = 'This file is not a trace, or it is broken. Download it under Files to see what is in it.';

/** A picture; it is seen from `atMs` on, counted from the start of the run. */
export type TraceFrame = { atMs: number; page: number; jpeg: Blob };

/** A place that people look for. */
export type TraceMark = { atMs: number } & (
  | { type: 'step'; name: string }
  | {
      type: 'row';
      index: number;
      /** Traces of earlier versions have none. */
      line?: number | null;
      key: string;
      status: 'completed' | 'failed' | 'invalid' | 'duplicate';
      message: string | null;
    }
);

/** What was written to the log of the job, or to the console of a page. */
export type TraceLine = LineEntry & {
  /** Its place among the lines. */
  number: number;
};

type LineEntry = { atMs: number; level: string; message: string } & ({ type: 'log' } | { type: 'console' });

/** A run that can be played back. Each list in the order of time. */
export type Trace = {
  startedAt: string;
  durationMs: number;
  frames: TraceFrame[];
  marks: TraceMark[];
  lines: TraceLine[];
};

type TraceJson = Pick<Trace, 'startedAt' | 'durationMs'> & {
  version: number;
  frames: { atMs: number; page: number; file: string }[];
  entries: (TraceMark | LineEntry)[];
};

/** Reads a trace as `docs/traces.md` describes it. @throws {Error} if it is none, or of a later version */
export function readTrace(bytes: Uint8Array): Trace {
  const { json, files } = open(bytes);
  if (json.version !== 1)
    throw new Error('This trace was made by a later version. Reload the page and try again.');
  if (!Array.isArray(json.frames) || !Array.isArray(json.entries) || !Number.isFinite(json.durationMs))
    throw new Error(BROKEN);
  return {
    startedAt: json.startedAt,
    durationMs: json.durationMs,
    frames: json.frames.flatMap(({ atMs, page, file }) => {
      const jpeg = files[file];
      return jpeg ? [{ atMs, page, jpeg: new Blob([jpeg.slice()], { type: 'image/jpeg' }) }] : [];
    }),
    marks: json.entries.filter((entry) => entry.type === 'step' || entry.type === 'row'),
    lines: json.entries
      .filter((entry) => entry.type === 'log' || entry.type === 'console')
      .map((entry, number) => ({ ...entry, number })),
  };
}

function open(bytes: Uint8Array): { json: TraceJson; files: Unzipped } {
  try {
    const files = unzipSync(bytes);
    return { json: JSON.parse(strFromU8(files['trace.json'] ?? new Uint8Array())), files };
  } catch (cause) {
    throw new Error(BROKEN, { cause });
  }
}
