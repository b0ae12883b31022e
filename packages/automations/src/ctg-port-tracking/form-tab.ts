import type { Page } from 'puppeteer-core';

import { closeOtherTabs } from '../close-other-tabs.ts';
import { withDeadline } from '../with-deadline.ts';

const OPEN_DEADLINE_MS = 30_000;
const LEAVE_DEADLINE_MS = 5_000;

/**
 * The tab with the port's form: the job's own page, until a search breaks there. Then a fresh one, for what broke it may
 * still be on its way: an error page that replaces the next form, or a script that never ends.
 */
export class FormTab implements AsyncDisposable {
  readonly #own: Page;
  #page: Page;

  /** @param own the job's own page, which stays open */
  constructor(own: Page) {
    this.#own = own;
    this.#page = own;
  }

  get page(): Page {
    return this.#page;
  }

  /** Replaces the tab by a fresh one. Where the browser opens none in time, the old one stays. */
  async renew(): Promise<void> {
    const opening = this.#own.browserContext().newPage();
    const fresh = await withDeadline(opening, OPEN_DEADLINE_MS).catch(() => null);
    if (!fresh) return;
    const old = this.#page;
    this.#page = fresh;
    // What its page still does must not come to the next search: it may open a tab with the answer that came too late.
    if (old === this.#own) await withDeadline(old.goto('about:blank'), LEAVE_DEADLINE_MS).catch(() => {});
    await this.closeOthers();
  }

  /** Closes the tabs that a search has opened. */
  async closeOthers(): Promise<void> {
    await closeOtherTabs(this.#own, this.#page);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeOtherTabs(this.#own);
  }
}
