// Builds the web app if anything of it has changed. Says nothing unless it fails: `start` speaks when it is ready.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const { status, stdout, stderr } = spawnSync(
  'turbo',
  ['run', 'build', '--filter=@gantry/web', '--output-logs=errors-only'],
  {
    cwd: resolve(import.meta.dirname, '..'),
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    encoding: 'utf8',
  },
);
if (status !== 0) {
  process.stderr.write(`${stdout}${stderr}`);
  process.exitCode = 1;
}
