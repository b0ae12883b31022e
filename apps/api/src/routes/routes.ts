import { adminRoutes } from './admin-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { queueRoutes } from './queue-routes.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { serviceRoutes } from './service-routes.ts';

/** All procedures, as a plain record: its type is what clients know. */
export const routes = {
  jobs: jobRoutes,
  schedules: scheduleRoutes,
  services: serviceRoutes,
  queue: queueRoutes,
  admin: adminRoutes,
};
