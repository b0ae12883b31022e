import type { JobStatus, JsonObject, RowResult } from '@gantry/contract';

/** A file that an attempt made. */
export type Artifact = {
  id: string;
  jobId: string;
  attempt: number;
  name: string;
  contentType: string;
  /** Bytes. */
  size: number;
  sha256: string;
  storageKey: string;
  rowIndex: number | null;
  createdAt: string;
};

/** Everything that a job found. */
export type JobResults = {
  jobId: string;
  status: JobStatus;
  summary: JsonObject | null;
  rows: RowResult[];
  /** Of several attempts' files of one name, the newest. */
  artifacts: Artifact[];
};
