import type { Service, ServiceDescription } from '@gantry/contract';
import { type Db, runForOne, runQuery } from '../db/run-query.ts';

const SELECT_SERVICE = `
  select id, name, description, category, queue_name as queue, version, input_schema as "inputSchema",
    accepted_files as "acceptedFiles", answer_columns as "answerColumns", timeout_ms as "timeoutMs", max_attempts as "maxAttempts", is_enabled as "isEnabled"
  from public.automation_services`;

/** Lists the services that the reader may use, by category and name. */
export function listServices(db: Db): Promise<Service[]> {
  return runQuery<Service>(db, { text: `${SELECT_SERVICE} order by category, name` });
}

/** Whether at least one service is on offer. Before the first worker has started there is none. */
export async function hasServices(db: Db): Promise<boolean> {
  const { isOffered } = await runForOne<{ isOffered: boolean }>(db, {
    text: `select exists (select from public.automation_services where is_enabled) as "isOffered"`,
  });
  return isOffered;
}

/** Reads a service; null if the reader may not use it. */
export async function getService(db: Db, serviceId: string): Promise<Service | null> {
  const [service] = await runQuery<Service>(db, {
    text: `${SELECT_SERVICE} where id = $1`,
    values: [serviceId],
  });
  return service ?? null;
}

/** Puts an automation on offer, or brings its description up to date. */
export async function publishService(db: Db, s: ServiceDescription): Promise<void> {
  await runQuery(db, {
    text: 'select gantry.publish_service($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
    values: [
      s.id,
      s.name,
      s.description,
      s.category,
      s.queue,
      s.version,
      JSON.stringify(s.inputSchema),
      s.acceptedFiles && JSON.stringify(s.acceptedFiles),
      s.timeoutMs,
      s.maxAttempts,
      JSON.stringify(s.answerColumns),
    ],
  });
}
