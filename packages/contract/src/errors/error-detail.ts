import { z } from 'zod';

/** What went wrong: a stable code, and a sentence for people. */
export type ErrorDetail = { code: string; message: string };

/** An {@link ErrorDetail} on the wire. */
export const errorDetailSchema = z.object({
  code: z.string(),
  message: z.string(),
}) satisfies z.ZodType<ErrorDetail>;
