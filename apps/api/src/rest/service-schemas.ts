import type { Service } from '@gantry/core';
import { z } from 'zod';

import { json } from '../routes/inputs.ts';

const jsonObject = z.record(z.string(), json);

/** A service as it is published. */
export const serviceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    category: z.string(),
    queue: z.string(),
    version: z.string(),
    inputSchema: jsonObject.describe('JSON Schema of the input'),
    acceptedFiles: jsonObject.nullable().describe('The file that it takes; null for none'),
    answerColumns: z
      .array(
        z.object({
          key: z.string(),
          label: z.string(),
          type: z.enum(['text', 'number', 'boolean', 'date', 'datetime', 'url', 'file']),
        }),
      )
      .describe('What it answers for each row, in order'),
    timeoutMs: z.int().describe('For one attempt'),
    maxAttempts: z.int(),
    isEnabled: z.boolean(),
  })
  .meta({ id: 'Service' }) satisfies z.ZodType<Service>;

export const servicesSchema = z.array(serviceSchema);
