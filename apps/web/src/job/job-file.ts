/** A file that a job made, as far as the page needs to know it. */
export type JobFile = {
  id: string;
  name: string;
  contentType: string;
  /** Bytes. */
  size: number;
  /** The row it belongs to, for evidence of a row that failed. */
  rowIndex?: number | null | undefined;
};
