import { queueSchema } from '@gantry/contract';
import { z } from 'zod';

import { binding, newQueue, queueChange, queueName } from '../queues/admin-queue-routes.ts';
import type { RestRoute } from './rest-route.ts';
import { boundSchema, doneSchema } from './schemas.ts';

const queueParams = z.strictObject({ name: queueName });
const serviceParams = z.strictObject({ serviceId: z.string().min(1).max(63) });
const changeBody = z.strictObject(queueChange);
const bindingBody = z.strictObject(binding);

/** What admins do with queues. */
export const restQueueRoutes: RestRoute[] = [
  {
    method: 'GET',
    path: '/api/admin/queues',
    operationId: 'listQueues',
    summary: 'The queues, what waits and runs in them, and the services bound to them',
    tag: 'Admin',
    response: z.array(queueSchema),
    run: (procedures) => procedures.admin.queues.list(),
  },
  {
    method: 'POST',
    path: '/api/admin/queues',
    operationId: 'createQueue',
    summary: 'Makes a queue',
    tag: 'Admin',
    body: newQueue,
    response: doneSchema,
    created: true,
    refuses: { 409: 'There is a queue of this name' },
    run: (procedures, { body }) => procedures.admin.queues.create(newQueue.parse(body)),
  },
  {
    method: 'POST',
    path: '/api/admin/queues/:name',
    operationId: 'updateQueue',
    summary: 'Pauses, resumes or limits a queue',
    tag: 'Admin',
    params: queueParams,
    body: changeBody,
    response: doneSchema,
    run: (procedures, { params, body }) =>
      procedures.admin.queues.update({ ...queueParams.parse(params), ...changeBody.parse(body) }),
  },
  {
    method: 'POST',
    path: '/api/admin/queues/:name/delete',
    operationId: 'deleteQueue',
    summary: 'Deletes a queue that is not in use',
    tag: 'Admin',
    params: queueParams,
    response: doneSchema,
    refuses: { 409: 'The queue is in use' },
    run: (procedures, { params }) => procedures.admin.queues.delete(queueParams.parse(params)),
  },
  {
    method: 'POST',
    path: '/api/admin/services/:serviceId/queue',
    operationId: 'bindService',
    summary:
      'Binds a service to a queue, or (null) to the one that its code names; can move its waiting jobs',
    tag: 'Admin',
    params: serviceParams,
    body: bindingBody,
    response: boundSchema,
    run: (procedures, { params, body }) =>
      procedures.admin.queues.bind({ ...serviceParams.parse(params), ...bindingBody.parse(body) }),
  },
];
