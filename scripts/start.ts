// `pnpm start`: everything on this machine. Postgres, the practice port and two children: the API and a worker.
import { resolve } from 'node:path';

import { startPracticePort } from '@gantry/automations/practice-port';
import { DEMO_ACCOUNTS, openEmbedded } from '@gantry/embedded';

import { Child } from './child.ts';

const ROOT = resolve(import.meta.dirname, '..');
const { env } = process;
const host = env['HOST'] ?? '127.0.0.1';
const port = env['PORT'] ?? '3001';
const isWatching = process.argv.includes('--watch');

try {
  await run();
} catch (error) {
  process.stderr.write(`gantry: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const asked = askedToStop();
  await using stack = new AsyncDisposableStack();
  const database = env['DATABASE_URL']
    ? null
    : stack.use(
        await openEmbedded({
          dataDir: resolve(ROOT, env['GANTRY_DATA_DIR'] ?? '.gantry'),
          host,
          migrationsDir: resolve(ROOT, 'supabase/migrations'),
        }),
      );
  const practice = env['CTG_PORT_BASE_URL']
    ? null
    : stack.use(await startPracticePort({ manners: { slowMs: [150, 900] } }));
  const childEnv = {
    ...env,
    HOST: host,
    PORT: port,
    LOG_LEVEL: env['LOG_LEVEL'] ?? 'warn',
    DRAIN_TIMEOUT_MS: env['DRAIN_TIMEOUT_MS'] ?? '3000',
    ...(practice && { CTG_PORT_BASE_URL: practice.url, CTG_PORT_PAUSE_MS: env['CTG_PORT_PAUSE_MS'] ?? '50' }),
  };
  // Disposed of in the opposite order: first the worker, which may still report, then the API, last Postgres.
  const children = [
    stack.use(
      new Child({ name: 'api', script: resolve(ROOT, 'apps/api/src/main.ts'), env: childEnv, isWatching }),
    ),
    stack.use(
      new Child({
        name: 'worker',
        script: resolve(ROOT, 'apps/worker/src/main.ts'),
        env: childEnv,
        isWatching,
      }),
    ),
  ];
  const isReady = await Promise.race([
    Promise.all(children.map((child) => child.ready)).then(() => true),
    Promise.race(children.map((child) => child.gaveUp)).then(() => false),
    asked.then(() => false),
  ]);
  if (!isReady) {
    // The child that could not start has said why.
    process.exitCode = children.some((child) => child.hasGivenUp) ? 1 : 0;
    return;
  }
  process.stdout.write(`Gantry is ready at http://${host.includes(':') ? `[${host}]` : host}:${port}\n`);
  if (database?.hasDemoAccounts) {
    for (const { email, password } of DEMO_ACCOUNTS)
      process.stdout.write(`  Sign in as ${email} with ${password}\n`);
  }
  if (practice) process.stdout.write(`  The port's answers come from the practice port at ${practice.url}\n`);

  const ended = database?.exited.then(() => {
    throw new Error('Postgres ended unexpectedly. Start again: the data are kept.');
  });
  await Promise.race([asked, ...(ended ? [ended] : [])]);
}

/** Resolves at the first signal; the second one ends everything at once. */
function askedToStop(): Promise<void> {
  return new Promise((resolveAsked) => {
    let count = 0;
    const onSignal = () => {
      count += 1;
      if (count === 1) resolveAsked();
      // Everything that we started notices and ends by itself.
      else process.kill(process.pid, 'SIGKILL');
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    process.on('SIGHUP', onSignal);
  });
}
