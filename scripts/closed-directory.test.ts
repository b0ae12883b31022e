import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '..');

/** A shell's environment: without what the package manager that runs the tests has set. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|pnpm_|NODE_ENV$|VITEST)/.test(name)),
);

test.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')(
  'root starts a fresh clone below a closed directory, as /root is on Debian',
  { timeout: 600_000 },
  async () => {
    const home = await mkdtemp(join(tmpdir(), 'gantry-closed-'));
    await chmod(home, 0o700);
    const clone = join(home, 'gantry');
    try {
      await run('git', ['clone', '--quiet', '--no-hardlinks', ROOT, clone], { env });
      const start = spawn('npx', ['--yes', 'pnpm@12.21.0', 'start'], {
        cwd: clone,
        env: { ...env, PORT: '0' },
        detached: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(start, 'exit');
      const lines: string[] = [];
      for await (const line of createInterface(start.stdout)) {
        lines.push(line);
        if (line.startsWith('Gantry is ready')) break;
      }
      const address = /^Gantry is ready at (.*)$/.exec(lines.at(-1) ?? '')?.[1];
      expect(address, lines.join('\n')).toBeDefined();
      expect(await (await fetch(`${address}/`)).text()).toContain('<title>Gantry');
      process.kill(-(start.pid ?? 0), 'SIGINT');
      await exited;
    } finally {
      await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  },
);
