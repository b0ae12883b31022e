import type { z } from 'zod';

import { AutomationError } from './automation-error.ts';

/**
 * Checks what a job was submitted with. It was checked then, but by the schema of that time.
 *
 * @throws {AutomationError} INPUT_INVALID, permanent, naming the first field that is wrong
 */
export async function checkInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): Promise<z.output<Schema>> {
  const checked = await schema.safeParseAsync(input);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const field = issue?.path.join('.');
  const message = `The input is not right${field ? `, at "${field}"` : ''}: ${issue?.message ?? 'unknown'}.`;
  throw new AutomationError('INPUT_INVALID', message, { isPermanent: true, cause: checked.error });
}
