import { type Automation, type AutomationContext, defineAutomation } from '@gantry/automations';
import { z } from 'zod';

const EGRESS = { allowPublic: false, allowPrivateOrigins: [] };

/** An automation without a file that does what the test says. */
export function automationOf(
  run: (context: AutomationContext) => Promise<void>,
  o: Partial<
    Pick<
      Automation,
      | 'id'
      | 'queue'
      | 'timeoutMs'
      | 'maxAttempts'
      | 'egress'
      | 'browser'
      | 'downloads'
      | 'trace'
      | 'outlivesBrowser'
    >
  > = {},
): Automation {
  return defineAutomation({
    id: o.id ?? 'a-service',
    name: 'A service',
    description: 'For tests',
    category: 'Tests',
    version: '1',
    input: z.looseObject({}),
    file: null,
    egress: EGRESS,
    async run(context) {
      await run(context);
      return { summary: { isDone: true } };
    },
    ...o,
  });
}

/** Says that it runs, then waits until it is told to stop. */
export async function hang(context: AutomationContext): Promise<void> {
  const { signal } = context;
  context.step('hanging');
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

/** Says that it runs, then heeds no signal: only the death of its browser ends it. */
export async function hangInPage(context: AutomationContext): Promise<void> {
  context.step('hanging');
  await context.page.evaluate('new Promise(() => {})');
}

/** How many rows {@link rowsOf} reports. */
export const ROWS = 6;

/** Visits the gate for each row that no attempt has done yet, and reports the row. */
export function rowsOf(gateUrl: string, o: { queue?: string } = {}): Automation {
  return automationOf(
    async (context) => {
      const { attempt, completedRows, signal } = context;
      for (let index = 0; index < ROWS; index++) {
        if (completedRows.has(index)) continue;
        context.step(`row ${index}`);
        await fetch(`${gateUrl}/${attempt}/${index}`, { signal });
        await context.emitRow({
          index,
          key: `k${index}`,
          status: 'completed',
          data: { attempt },
          error: null,
        });
        context.progress({ done: index + 1, total: ROWS });
      }
    },
    { id: 'rows', ...o },
  );
}

/** Kills the process that runs it, as running out of memory would. */
export function killerOf(o: { queue?: string } = {}): Automation {
  return automationOf(
    async () => {
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    },
    { id: 'killer', ...o },
  );
}

/** Makes a file that says which attempt made it. */
export function filerOf(o: { queue?: string } = {}): Automation {
  return automationOf(
    (context) => {
      const body = Buffer.from(`attempt ${context.attempt}`);
      return context.artifact({ name: 'a.txt', contentType: 'text/plain', body });
    },
    { id: 'filer', ...o },
  );
}

/** Leaves a promise behind that fails, and meets a page that says to puppeteer itself what that cannot read. */
export function carelessOf(o: { queue?: string } = {}): Automation {
  return automationOf(
    async ({ page }) => {
      void Promise.reject(new Error('Nobody waits for this.'));
      await page.setContent(
        `<script>
          setInterval(() => {
            const [call] = Object.getOwnPropertyNames(window).filter((name) => name.startsWith('puppeteer_'));
            if (!call) return;
            window[call]('null');
            document.title = 'said';
          });
        </script>`,
      );
      await page.waitForFunction(() => document.title === 'said');
    },
    { id: 'careless', ...o },
  );
}
