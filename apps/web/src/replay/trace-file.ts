import type { JobFile } from '@gantry/react';

/** A trace that a job kept. */
export type TraceFile = { attempt: number; file: JobFile };
