import { adminRoutes } from '../admin/admin-routes.ts';
import { jobRoutes } from '../jobs/job-routes.ts';
import { queueRoutes } from '../queues/queue-routes.ts';
import { scheduleRoutes } from '../schedules/schedule-routes.ts';
import { serviceRoutes } from '../services/service-routes.ts';

/** All procedures, as a plain record: its type is what clients know. */
export const routes = {
  jobs: jobRoutes,
  schedules: scheduleRoutes,
  services: serviceRoutes,
  queue: queueRoutes,
  admin: adminRoutes,
};
