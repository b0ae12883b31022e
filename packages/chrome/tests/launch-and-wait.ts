// Launches a browser below the directory given as argument, tells where it is, and waits to be killed.
import { launchBrowser } from '../src/index.ts';
import { findTestBrowser, OWNER } from './fixture.ts';

const [rootDir = ''] = process.argv.slice(2);
const binary = await findTestBrowser();
await using session = await launchBrowser({
  binary,
  rootDir,
  owner: OWNER,
  egress: { allowPublic: false, allowPrivateOrigins: [] },
});
process.stdout.write(JSON.stringify({ directory: session.directory, pid: session.pid }));
await session.crashed;
