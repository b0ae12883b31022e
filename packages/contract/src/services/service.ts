import { z } from 'zod';

import { type JsonObject, jsonObjectSchema } from '../json.ts';

/** A column of what a service answers for each row. */
export type AnswerColumn = {
  /** Name of the value in a row's `data`. */
  key: string;
  /** Its header. */
  label: string;
  /** `file`: the name of a file that the job made; `url`: a web address. */
  type: 'text' | 'number' | 'boolean' | 'date' | 'datetime' | 'url' | 'file';
};

/** What a worker says of an automation when it starts. */
export type ServiceDescription = {
  id: string;
  name: string;
  description: string;
  category: string;
  queue: string;
  version: string;
  /** JSON Schema of the input. */
  inputSchema: JsonObject;
  /** Which file it takes, or null for none. */
  acceptedFiles: JsonObject | null;
  /** What it answers for each row, in order; empty when the automation does not declare it. */
  answerColumns: AnswerColumn[];
  timeoutMs: number;
  maxAttempts: number;
};

/** A service on offer. */
export type Service = ServiceDescription & { isEnabled: boolean };

const answerColumn = z.object({
  key: z.string(),
  label: z.string(),
  type: z.enum(['text', 'number', 'boolean', 'date', 'datetime', 'url', 'file']),
});

/** A {@link Service} on the wire. */
export const serviceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    category: z.string(),
    queue: z.string(),
    version: z.string(),
    inputSchema: jsonObjectSchema.describe('JSON Schema of the input'),
    acceptedFiles: jsonObjectSchema.nullable().describe('The file that it takes; null for none'),
    answerColumns: z.array(answerColumn).describe('What it answers for each row, in order'),
    timeoutMs: z.int().describe('For one attempt'),
    maxAttempts: z.int(),
    isEnabled: z.boolean(),
  })
  .meta({ id: 'Service' }) satisfies z.ZodType<Service>;
