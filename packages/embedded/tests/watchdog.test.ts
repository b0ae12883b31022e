import { readdir, readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { spawnWatched } from '../src/postgres/watchdog.ts';

const AS_ONESELF = { ids: {}, prefix: [] };
const ignore = () => {};

/** Processes of this group that still run; the watchdog leads a group of its own. */
async function groupOf(pid: number): Promise<string[]> {
  const stats = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')),
  );
  const fields = stats.map((stat) => /^(\d+) \(.*\) (\S) \d+ (\d+)/s.exec(stat) ?? []);
  const group = fields.find(([, id]) => Number(id) === pid)?.[3];
  return fields.filter(([, , state, of]) => of === group && state !== 'Z').map(([, id]) => String(id));
}

test('ends the program, and itself, when it is told to', async () => {
  const watched = await spawnWatched(
    [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
    AS_ONESELF,
    ignore,
  );
  const group = await groupOf(watched.pid);
  expect(group).toContain(String(watched.pid));
  await watched.stop();
  const running = await readdir('/proc');
  expect(group.filter((pid) => running.includes(pid))).toEqual([]);
});

test('goes when the program ends by itself, and tells its status and last words', async () => {
  const lines: string[] = [];
  const script = 'echo "something is wrong" >&2; exit 3';
  const watched = await spawnWatched(['sh', '-c', script], AS_ONESELF, (line) => lines.push(line));
  expect(await watched.exited).toBe(3);
  expect(watched.lastLines).toEqual(['something is wrong']);
  expect(lines).toEqual(watched.lastLines);
});

test('insists where a program does not listen to its first signals', async () => {
  const deaf = `let signals = 0;
    process.on('SIGINT', () => { if (++signals === 3) process.exit(0); });
    setInterval(() => {}, 1000);
    console.error('listening');`;
  const isListening = Promise.withResolvers<string>();
  const watched = await spawnWatched([process.execPath, '-e', deaf], AS_ONESELF, isListening.resolve);
  expect(await isListening.promise).toBe('listening');
  await watched.stop();
  expect(await watched.exited).toBe(0);
});

test('a program that is not there is a failure, not a program', async () => {
  const watched = await spawnWatched(['/no/such/program'], AS_ONESELF, ignore);
  expect(await watched.exited).toBe(127);
  expect(watched.lastLines.join('\n')).toContain('/no/such/program');
});

test('the program sees no input of ours and gets no terminal', async () => {
  const watched = await spawnWatched(['sh', '-c', 'read line && echo "read $line" >&2'], AS_ONESELF, ignore);
  expect(await watched.exited).not.toBe(0);
  expect(watched.lastLines).toEqual([]);
});
