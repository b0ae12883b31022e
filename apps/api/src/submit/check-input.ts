import type { JsonValue, Service } from '@gantry/core';
import { z } from 'zod';

/** Checks a job's input against the JSON Schema that the service published. @throws {ZodError} */
export function checkInput(service: Service, input: JsonValue): void {
  z.fromJSONSchema(service.inputSchema).parse(input);
}
