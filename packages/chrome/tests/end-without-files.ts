import { closeSync, openSync } from 'node:fs';

import { launchBrowser } from '../src/index.ts';
import { findTestBrowser, OWNER, processesOf } from './fixture.ts';

// A process of its own that ends a browser while it can open no more files, and tells how many processes are left of it.
const session = await launchBrowser({
  binary: await findTestBrowser(),
  rootDir: process.argv[2] ?? '',
  owner: OWNER,
  egress: { allowPublic: false, allowPrivateOrigins: [] },
});
const files: number[] = [];
try {
  for (;;) files.push(openSync('/dev/null', 'r'));
} catch {
  // None is left.
}
const ended = session[Symbol.asyncDispose]();
setTimeout(() => {
  for (const file of files) closeSync(file);
}, 300);
await ended;
const left = await processesOf(session);
for (const pid of left) process.kill(pid, 'SIGKILL');
process.stdout.write(String(left.length));
