// `pnpm start`: everything on this machine. Postgres, the demo port and two children: the API and a worker.
import { resolve } from 'node:path';

import { startDemoPort } from '@gantry/automations/demo-port';
import { DEMO_ACCOUNTS, openEmbedded } from '@gantry/embedded';

import { readConfig as readApiConfig } from '../apps/api/src/config/config.ts';
import { readConfig as readWorkerConfig } from '../apps/worker/src/config.ts';
import { publishDemoPort } from '../apps/worker/src/process/demo-port-file.ts';
import { askedToStop } from './asked-to-stop.ts';
import { Child } from './child.ts';
import { findPort } from './find-port.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DRAIN_TIMEOUT_MS = '3000';
const DEMO_PORT_PAUSE_MS = '50';
const DEMO_PORT_MANNERS = { slowMs: [150, 900] } satisfies NonNullable<
  Parameters<typeof startDemoPort>[0]
>['manners'];

try {
  const webUrl = process.argv.find((arg) => arg.startsWith('--web='))?.slice('--web='.length);
  await run(process.env, { isWatching: process.argv.includes('--watch'), webUrl });
} catch (error) {
  process.stderr.write(`gantry: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** @param o.webUrl where the web app is, if not where the API is */
async function run(
  env: NodeJS.ProcessEnv,
  { isWatching, webUrl }: { isWatching: boolean; webUrl: string | undefined },
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const asked = stack.use(askedToStop());
  const config = readApiConfig(env);
  readWorkerConfig(env);
  const { host } = config;
  const port = await findPort(config);

  const database = config.supabase ? null : stack.use(await openEmbedded(config));
  if (database && !database.isOwner) {
    throw new Error(
      `GANTRY_DATA_DIR: another Gantry runs with ${config.dataDir}. Stop it, or set GANTRY_DATA_DIR to another directory.`,
    );
  }
  const demoPort = env['CTG_PORT_BASE_URL']
    ? null
    : stack.use(await startDemoPort({ manners: DEMO_PORT_MANNERS }));
  const demoPortEnv = demoPort && {
    CTG_PORT_BASE_URL: demoPort.url,
    CTG_PORT_PAUSE_MS: env['CTG_PORT_PAUSE_MS'] ?? DEMO_PORT_PAUSE_MS,
  };
  if (demoPortEnv) stack.use(await publishDemoPort(config.dataDir, demoPortEnv));
  const childEnv = {
    LOG_LEVEL: 'warn',
    DRAIN_TIMEOUT_MS,
    ...demoPortEnv,
    ...env,
    PORT: String(port),
  };
  // Disposed of in the opposite order: first the worker, which may still report, then the API, last Postgres.
  const start = (name: string, script: string) =>
    stack.use(new Child({ name, script: resolve(ROOT, script), env: childEnv, isWatching })).ready;
  const ready = [start('API', 'apps/api/src/main.ts'), start('worker', 'apps/worker/src/main.ts')];
  await Promise.race([Promise.all(ready), asked.promise]);
  if (asked.isAsked) return;

  const apiUrl = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  process.stdout.write(`Gantry is ready at ${webUrl ?? apiUrl}\n`);
  if (webUrl !== undefined) process.stdout.write(`  The API is at ${apiUrl}\n`);
  if (database?.hasDemoAccounts) {
    for (const { email, password } of DEMO_ACCOUNTS)
      process.stdout.write(`  Sign in as ${email} with ${password}\n`);
  }
  if (demoPort) process.stdout.write(`  The port's answers come from the demo port at ${demoPort.url}\n`);
  await asked.promise;
}
