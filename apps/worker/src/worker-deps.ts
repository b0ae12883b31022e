import type { Automation } from '@gantry/automations';
import type { BrowserBinary } from '@gantry/chrome';
import type { Storage } from '@gantry/core';
import type { SheetPool } from '@gantry/sheet/pool';
import type pg from 'pg';
import type { Logger } from 'pino';

import type { Config } from './config.ts';

/** What a worker is made of. */
export type WorkerDeps = {
  config: Config;
  databaseUrl: string;
  /** Acts as the service role. */
  pool: pg.Pool;
  storage: Storage;
  /** Reads the files of jobs: one that takes long must not hold up the heartbeat. */
  sheets: SheetPool;
  automations: Automation[];
  /** Null: browsers run elsewhere. */
  binary: BrowserBinary | null;
  log: Logger;
};
