import type { Automation } from '@gantry/automations';
import type { BrowserPool, SessionUsage } from '@gantry/chrome';
import type { Page } from 'puppeteer-core';

import type { Run } from '../claims/run-table.ts';
import type { AttemptOutcome } from './to-outcome.ts';

/** An attempt to run: its claim, its code, and where its browser comes from. */
export type Attempt = {
  workerId: string;
  browsers: BrowserPool;
  automation: Automation;
  run: Run;
  /** Called when its browser has opened. */
  onOpen?: (page: Page) => void;
};

/** How an attempt ended, and what its browsers cost. */
export type EndedAttempt = { outcome: AttemptOutcome; usage: SessionUsage | null };
