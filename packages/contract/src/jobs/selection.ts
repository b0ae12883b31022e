import { z } from 'zod';

/** How many jobs a filter selects, and the word by which exactly these can be changed afterwards. */
export type Selection = { count: number; selection: string };

/** A {@link Selection} on the wire. */
export const selectionSchema = z
  .object({
    count: z.int(),
    selection: z.string().describe('What the second call sends along'),
  })
  .meta({ id: 'Selection' }) satisfies z.ZodType<Selection>;
