import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { isAlive } from '../is-alive.ts';
import { postgresFailure } from './postgres-failure.ts';
import type { RunAs } from './run-as.ts';

/** A program that ends with this process. */
export type Watched = {
  /** Process id of the program itself. */
  pid: number;
  /** Resolves with its exit status when it has ended. */
  exited: Promise<number>;
  /** The last lines it wrote to standard error. */
  lastLines: string[];
  /** Asks it to end, and insists after 30 s. */
  stop(): Promise<void>;
};

// Waits on its standard input, a pipe that only our process holds: it closes even after SIGKILL. The program is
// then interrupted (Postgres: fast shutdown), again and again because it may not be listening yet, and finally told
// to quit without tidying up (Postgres then recovers from its log at the next start). The first to say "stop" has
// the patience for a checkpoint; after a SIGKILL there is none. In a session of its own, so that Ctrl-C in a
// terminal does not take the database away while the others still finish. It goes last, with nothing left of it.
const WATCHDOG = `exec 3<&0
"$@" </dev/null >/dev/null 3<&- &
child=$!
echo "$child"
{
  word=
  read -r word <&3
  trap '' TERM
  left=16
  [ "$word" = stop ] && left=600
  while kill -0 "$child"; do
    signal=INT
    [ "$left" -le 0 ] && signal=QUIT
    [ "$left" -le -100 ] && signal=KILL
    kill -"$signal" "$child"
    left=$((left - 1))
    sleep 0.05
  done
} >/dev/null 2>&1 &
watch=$!
wait "$child"; status=$?
{ kill "$watch"; wait "$watch"; } 2>/dev/null
exit "$status"`;

/** Starts a program under the watchdog. `log` receives what it writes to standard error, line by line. */
export async function spawnWatched(
  command: string[],
  runAs: RunAs,
  log: (line: string) => void,
): Promise<Watched> {
  const child = spawn('/bin/sh', ['-c', WATCHDOG, 'gantry-watchdog', ...runAs.prefix, ...command], {
    ...runAs.ids,
    // Not where we are: the other user may have no way to there.
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  // It breaks when the program ends first, which `exited` reports.
  child.stdin.on('error', () => {});
  const lastLines: string[] = [];
  createInterface(child.stderr).on('line', (line) => {
    lastLines.push(line);
    if (lastLines.length > 20) lastLines.shift();
    log(line);
  });
  // Its standard error closes with the program, not with the shell: that could be killed alone.
  const exited = once(child, 'close').then(([status]: unknown[]) =>
    typeof status === 'number' ? status : 1,
  );
  const [line]: unknown[] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(() => {
      throw postgresFailure(`${command[0]} did not start`, lastLines);
    }),
  ]);
  const pid = Number(line);
  return {
    pid,
    exited,
    lastLines,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.stdin.end('stop\n');
      else if (isAlive(pid)) process.kill(pid, 'SIGINT');
      await exited;
    },
  };
}
