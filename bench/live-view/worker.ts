// The worker of `main.ts`: its one service shows a page that moves all the time, or one that is at rest.
import { join, resolve } from 'node:path';

import { type AutomationContext, defineAutomation } from '@gantry/automations';
import { findBrowser } from '@gantry/chrome';
import { createDirectoryStorage, createServicePool } from '@gantry/core';
import { openEmbedded } from '@gantry/embedded';
import { SheetPool } from '@gantry/sheet/pool';
import { pino } from 'pino';
import { z } from 'zod';

import { readConfig } from '../../apps/worker/src/config.ts';
import { startWorker } from '../../apps/worker/src/start-worker.ts';

const config = readConfig(process.env);
const REST = '<body style="font: 20px serif; background: #eef"><h1>At rest</h1>';
// Pictures, text and a moving part in every frame of 800 by 600.
const MOVING = `<body style="margin: 0; background: linear-gradient(#134, #8ac)"><div id="a"></div><script>
  let n = 0; window.drawn = 0;
  a.style = 'font: 16px monospace; color: white; white-space: pre';
  const draw = () => {
    n += 1; window.drawn = n;
    a.style.transform = 'translateX(' + (n % 200) + 'px)';
    a.textContent = Array.from({ length: 26 }, (_, i) => 'row ' + i + '  container GTRU' + (2000000 + n * 31 + i * 7)).join('\\n');
    requestAnimationFrame(draw);
  };
  draw();
</script>`;

async function run(context: AutomationContext<{ isMoving: boolean }>) {
  const { page, input, signal } = context;
  await page.setContent(input.isMoving ? MOVING : REST);
  while (!signal.aborted) {
    await new Promise((done) => setTimeout(done, 500));
    context.log('info', 'drawn', { drawn: Number(await page.evaluate('window.drawn ?? 0')), at: Date.now() });
  }
  return { summary: {} };
}

const embedded = await openEmbedded(config);
const worker = await startWorker({
  config,
  databaseUrl: embedded.databaseUrl,
  pool: createServicePool({ databaseUrl: embedded.databaseUrl, applicationName: 'bench-worker' }),
  storage: createDirectoryStorage({ directory: join(config.dataDir, 'storage') }),
  sheets: new SheetPool({ threads: 1 }),
  automations: [
    defineAutomation({
      id: 'a-page',
      name: 'A page',
      description: 'For the measure',
      category: 'Bench',
      version: '1',
      input: z.strictObject({ isMoving: z.boolean() }),
      file: null,
      egress: { allowPublic: false, allowPrivateOrigins: [] },
      run,
    }),
  ],
  binary: await findBrowser({ cacheDir: resolve(config.dataDir, '../gantry-bench-browser') }),
  log: pino({ level: 'warn' }),
});
process.send?.('ready');
process.once('disconnect', () => {
  void worker.stop('release').then(() => process.exit(0));
});
