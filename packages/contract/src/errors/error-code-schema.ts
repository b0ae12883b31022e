import { z } from 'zod';

import { ERRORS, type ErrorCode } from './errors.ts';

const isCode = (key: string): key is ErrorCode => key in ERRORS;

/** An {@link ErrorCode} on the wire. */
export const errorCodeSchema = z.enum(Object.keys(ERRORS).filter(isCode)) satisfies z.ZodType<ErrorCode>;
