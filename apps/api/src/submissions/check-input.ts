import type { JsonObject, JsonValue, Service } from '@gantry/contract';
import { z } from 'zod';

/** Checks a job's input against the JSON Schema that the service published. @throws {ZodError} */
export function checkInput(service: Pick<Service, 'inputSchema'>, input: JsonValue): void {
  const { error } = z.fromJSONSchema(service.inputSchema).safeParse(input);
  if (!error) return;
  // z.ZodError itself is no Error, and tRPC would not know it as one.
  throw new z.ZodRealError(
    error.issues.map((issue) =>
      issue.code === 'invalid_format'
        ? { ...issue, message: errorMessageAt(service.inputSchema, issue.path) ?? issue.message }
        : issue,
    ),
  );
}

/** What the schema says of a field whose text has the wrong form; a pattern alone explains nothing to people. */
function errorMessageAt(schema: JsonObject, path: readonly PropertyKey[]): string | null {
  let at: JsonValue | undefined = schema;
  for (const key of path) {
    at = typeof key === 'number' ? read(at, 'items') : read(read(at, 'properties'), String(key));
  }
  const message = read(at, 'errorMessage');
  return typeof message === 'string' ? message : null;
}

function read(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, key)
    ? value[key]
    : undefined;
}
