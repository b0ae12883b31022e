import { keepDemoAccounts, type Reach } from './accounts/demo-accounts.ts';
import { openDatabase } from './open-database.ts';

/** How to open the embedded database. */
export type EmbeddedOptions = Reach & {
  /** Directory for everything that lasts; made if it is not there. */
  dataDir: string;
  /** Directory of the SQL migrations. */
  migrationsDir: string;
  /** Receives what Postgres says, line by line. */
  log?: (line: string) => void;
};

/** An open embedded database. */
export type EmbeddedDatabase = {
  /** As the role `postgres`, which is no superuser, as in a hosted Supabase project. */
  databaseUrl: string;
  /** As the role that owns the schema `auth`, for {@link registerAuth}. */
  authDatabaseUrl: string;
  /** False when a live Postgres of this data directory was adopted: then it outlives this process. */
  isOwner: boolean;
  /** Whether the published demo accounts can sign in. */
  hasDemoAccounts: boolean;
  /**
   * Resolves when the Postgres that this process owns has ended for good. One that ends by itself is started
   * again under the same URL, so that is after disposal, or when it would not start. Never, when adopted.
   */
  exited: Promise<void>;
  /** Stops Postgres if this process owns it. */
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Opens the database of a data directory: starts its Postgres, or adopts the one that runs, and brings roles,
 * schema and demo accounts up to date. The Postgres ends with the process that started it, even by SIGKILL.
 *
 * @throws {EmbeddedError}
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const database = await openDatabase(options);
  try {
    const hasDemoAccounts = await keepDemoAccounts(database.authDatabaseUrl, options);
    return { ...database, hasDemoAccounts };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}
