// Runs scripts with the Node and the packages of this checkout, whoever starts them: `npm run` on Node 20 before anything is
// installed as well as pnpm. Plain JavaScript, since Node 20 reads nothing else.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const PNPM = 'pnpm@12.21.0';
const { npm_execpath: runner = '', npm_lifecycle_event: script } = process.env;

const args = process.argv.splice(2);
const scripts = args.filter((arg) => arg.endsWith('.ts'));
const options = args.filter((arg) => !arg.endsWith('.ts'));

if (/[\\/](pnpm|pn)(\.\w+)?$/.test(runner)) {
  process.argv.push(...options);
  for (const path of scripts) if (!process.exitCode) await import(pathToFileURL(resolve(path)).href);
} else if (script) {
  process.stderr.write(`gantry: npx ${PNPM} ${script} (installs first, if need be)\n`);
  const child = spawn('npx', ['--yes', PNPM, 'run', script, ...options], { stdio: 'inherit' });
  // Ctrl-C reaches both from the terminal; the child says how it ended.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`gantry: npx could not be started (${error.message}). Install npm.\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 1;
  });
} else {
  process.stderr.write(`gantry: start this with: npx ${PNPM} start\n`);
  process.exitCode = 1;
}
