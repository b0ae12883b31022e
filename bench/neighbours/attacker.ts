// The user of `main.ts` who sends the worst files, as many at once as the API takes, until it is stopped.
import { setTimeout as pause } from 'node:timers/promises';

import { submit } from './submit.ts';
import { WORST_FILES } from './worst-files.ts';

const [url = '', token = ''] = process.argv.slice(2);
const AT_ONCE = 4;
const files = Object.entries(WORST_FILES).map(([name, make]) => ({ name, content: make() }));
const answers = new Map<string, number>();

await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => sendForEver(n)));

async function sendForEver(first: number): Promise<void> {
  for (let n = first; process.connected; n++) {
    const file = files[n % files.length];
    if (!file) return;
    const { code } = await submit({ url, token }, file.content).catch(() => ({ code: 'cut off' }));
    const key = `${file.name}: ${code}`;
    answers.set(key, (answers.get(key) ?? 0) + 1);
    if (process.connected) process.send?.(Object.fromEntries(answers));
    if (code === 'RATE_LIMITED') await pause(100);
  }
}
