import pg from 'pg';

/** How to reach the database as the service role. */
export type ServicePoolOptions = {
  /** A direct or session-mode connection: settings of a session must last. */
  databaseUrl: string;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** Connections at most; 8 by default. */
  max?: number;
};

/**
 * A pool whose connections all act as `service_role`: they reach what that role was granted and no more, though
 * they sign in as `postgres`. No query runs before the role is set.
 */
export function createServicePool(o: ServicePoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: o.databaseUrl,
    application_name: o.applicationName,
    max: o.max ?? 8,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    query_timeout: 30_000,
    keepAlive: true,
    verify: (client, done) => {
      client.query('set role service_role', (error) => done(error));
    },
  });
  // An idle connection that breaks is dropped from the pool; the next query opens another and reports.
  pool.on('error', () => {});
  return pool;
}
