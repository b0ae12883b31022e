import type { JsonValue } from '@gantry/core';
import { z } from 'zod';

/** The five states, for filters. */
export const status = z.enum(['pending', 'processing', 'completed', 'failed', 'cancelled']);

/** Paging of every list. */
export const listOptions = {
  limit: z.number().int().min(1).max(100).default(25),
  cursor: z.string().max(500).optional(),
};

/** Any JSON. Named as our own type, so that the SDK's declarations need not know zod. */
export const json: z.ZodType<JsonValue, JsonValue> = z.json();
