import { jsonSchema } from '@gantry/contract';
import { z } from 'zod';

import { anyId } from '../procedures/inputs.ts';

const onFailure = z.enum(['fail', 'cancel', 'run']).optional();
const dependency = z.strictObject({ jobId: anyId, onFailure });
const listedDependency = z.strictObject({ index: z.number().int().min(0).max(999), onFailure });

/** Jobs of one's own to run after. */
export const dependsOn = z.array(dependency).max(100);

/** What people sort their jobs by. */
export const tags = z.array(z.string().trim().min(1).max(40)).max(10);

const shape = {
  serviceId: z.string().min(1).max(63),
  input: jsonSchema.optional(),
  uploadId: anyId.optional(),
  priority: z.number().int().min(0).max(2).optional(),
  runAt: z.iso.datetime({ offset: true }).optional(),
  idempotencyKey: z.string().min(1).max(200).optional(),
  tags: tags.optional(),
};

/** A job without a file, or with one that was uploaded before. */
export const submission = z.strictObject({ ...shape, dependsOn: dependsOn.optional() });

/** The largest body that {@link submissionList} may come in, in bytes. Everything else that is JSON is far smaller. */
export const SUBMISSION_LIST_BYTES = 4_000_000;

/** Many such jobs. One may run after another of the list, by its index. */
export const submissionList = z.strictObject({
  jobs: z
    .array(
      z.strictObject({
        ...shape,
        dependsOn: z
          .array(z.union([dependency, listedDependency]))
          .max(100)
          .optional(),
      }),
    )
    .min(1)
    .max(1000),
});

/** What changes when a job is run again; what is left out stays. */
export const rerunChange = {
  input: jsonSchema.optional(),
  uploadId: anyId.optional(),
  priority: z.number().int().min(0).max(2).optional(),
  runAt: z.iso.datetime({ offset: true }).optional(),
  idempotencyKey: z.string().min(1).max(200).optional(),
  dependsOn: dependsOn.optional(),
  tags: tags.optional(),
};
