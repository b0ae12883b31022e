import { z } from 'zod';

/** What an account carries beside e-mail and password. */
export const metadata = z.record(z.string(), z.json());

/** SQL that lays a JSON object over a metadata column; a null takes its key away. */
export function mergeMetadata(column: string, parameter: string): string {
  return `(${column} || ${parameter}::jsonb) - array(
    select key from jsonb_each(${parameter}::jsonb) where value = 'null')`;
}
