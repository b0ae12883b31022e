import type pg from 'pg';

/** A pool that notes which prepared statements Postgres refused, and with which SQLSTATE: `append-events 25006`. */
export function recordRefusals(pool: pg.Pool): { pool: pg.Pool; refusals: string[] } {
  const refusals: string[] = [];
  const query = (asked: { name?: string; text: string }) =>
    pool.query(asked).catch((error: Error & { code?: string }) => {
      refusals.push(`${asked.name} ${error.code}`);
      throw error;
    });
  const proxy = new Proxy(pool, {
    get: (target, key) => (key === 'query' ? query : Reflect.get(target, key)),
  });
  return { pool: proxy, refusals };
}
