/** Whole answers, read to their end. */
export type Answer = {
  status: number;
  body: string;
  /** The header of that name, if there was one. */
  retryAfter?: string | null;
};
