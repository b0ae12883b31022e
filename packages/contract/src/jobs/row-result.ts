import { z } from 'zod';

import { type ErrorDetail, errorDetailSchema } from '../errors/error-detail.ts';
import { type JsonObject, jsonObjectSchema } from '../json.ts';

/** The answer for one row of the uploaded file. */
export type RowResult = {
  /** Position among the data rows, from 0. */
  index: number;
  /** Line of the user's file; null for a row that comes from no file, and for rows older than this field. */
  line: number | null;
  /** What the row is about: a container number, a URL. */
  key: string;
  /** `completed`: an answer came. `failed`: none could be had. `invalid`: refused before a page was opened. */
  status: 'completed' | 'failed' | 'invalid' | 'duplicate';
  data: JsonObject;
  error: ErrorDetail | null;
};

/** A row as an automation reports it; its line in the file is added afterwards. */
export type NewRowResult = Omit<RowResult, 'line'>;

/** A {@link RowResult} on the wire. */
export const rowResultSchema = z
  .object({
    index: z.int(),
    line: z.int().nullable().describe('Line of the file; null for a row that comes from no file'),
    key: z.string(),
    status: z.enum(['completed', 'failed', 'invalid', 'duplicate']),
    data: jsonObjectSchema,
    error: errorDetailSchema.nullable(),
  })
  .meta({ id: 'Row' }) satisfies z.ZodType<RowResult>;
