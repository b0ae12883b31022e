import type { JobEventBody, NewRowResult, RowResult } from '@gantry/contract';

/** What a worker may append. States and artifacts come with the operations that make them. */
export type NewJobEvent =
  | Extract<JobEventBody, { type: 'progress' | 'step' | 'log' }>
  | { type: 'row'; data: NewRowResult & Partial<Pick<RowResult, 'line'>> };
