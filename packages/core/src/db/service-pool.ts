import type pg from 'pg';

import { toConnectionString } from './connection-string.ts';
import { PatientPool } from './patient-pool.ts';

/** How to reach the database as the service role. */
export type ServicePoolOptions = {
  /** A direct or session-mode connection: settings of a session must last. */
  databaseUrl: string;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** Connections at most; 8 by default. */
  max?: number;
  /** How long a statement waits for a lock that another session holds; by default as the database says. */
  lockTimeoutMs?: number;
};

/**
 * A pool whose connections all act as `service_role`: they reach what that role was granted and no more, though
 * they sign in as `postgres`. No query runs before the role is set.
 */
export function createServicePool(o: ServicePoolOptions): pg.Pool {
  const lockTimeout = o.lockTimeoutMs === undefined ? '' : `set lock_timeout = ${o.lockTimeoutMs}; `;
  const pool = new PatientPool({
    connectionString: toConnectionString(o.databaseUrl),
    application_name: o.applicationName,
    max: o.max ?? 8,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    query_timeout: 30_000,
    keepAlive: true,
    // Of all hooks only this one holds back every query of a new connection, also one whose caller has given up.
    // The server's time-outs are shorter than the client's: then it is the server that ends what is too slow.
    verify: (client, done) => {
      client.query(
        `set role service_role; set statement_timeout = '25s'; ${lockTimeout}set idle_in_transaction_session_timeout = '30s'`,
        (error) => done(error),
      );
    },
  });
  // An idle connection that breaks is dropped from the pool; the next query opens another and reports.
  pool.on('error', () => {});
  // The pool does not listen while a connection is lent or being made ready: an error between two queries, such as a
  // restart of the database, would end the process. The next query reports it.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
