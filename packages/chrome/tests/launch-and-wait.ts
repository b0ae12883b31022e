// Launches a browser below the directory given as first argument, or a warm one if the second says so, tells where it
// is, and waits to be killed.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launchBrowser, openBrowserPool } from '../src/index.ts';
import { readOwner } from '../src/process/browser-directory.ts';
import { findTestBrowser, OWNER } from './fixture.ts';

const [rootDir = '', what] = process.argv.slice(2);
const binary = await findTestBrowser();
if (what === 'warmBrowser') {
  const pool = await openBrowserPool({
    binary,
    rootDir,
    workerId: 'worker',
    warmBrowsers: 1,
    minFreeMemoryBytes: 0,
  });
  await pool.settled();
  const [name = ''] = await readdir(rootDir);
  const directory = join(rootDir, name);
  const pid = (await readOwner(directory))?.browser?.pid;
  process.stdout.write(JSON.stringify({ directory, pid }));
} else {
  await using session = await launchBrowser({
    binary,
    rootDir,
    owner: OWNER,
    egress: { allowPublic: false, allowPrivateOrigins: [] },
  });
  process.stdout.write(JSON.stringify({ directory: session.directory, pid: session.pid }));
  await session.failed;
}
