// Launches a browser below the directory given as argument, tells where it is, and waits to be killed.
import { findBrowser, launchBrowser } from '../src/index.ts';
import { CACHE_DIR, OWNER } from './fixture.ts';

const [rootDir = ''] = process.argv.slice(2);
const binary = await findBrowser({ cacheDir: CACHE_DIR });
await using session = await launchBrowser({
  binary,
  rootDir,
  owner: OWNER,
  egress: { allowPublic: false, allowPrivateOrigins: [] },
});
process.stdout.write(JSON.stringify({ directory: session.directory, pid: session.pid }));
await session.crashed;
