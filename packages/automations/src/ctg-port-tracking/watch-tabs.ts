import {
  type BrowserContext,
  type HTTPRequest,
  type Page,
  type PageEvents,
  type Target,
  TargetType,
} from 'puppeteer-core';

/** How the last navigation of a tab went; both null while its answer is awaited. */
export type Navigation = { url: string; status: number | null; failure: string | null };

/** A tab that may show the answer. */
export type WatchedTab = {
  page: Page;
  /** Null until it has asked for something. */
  navigation: Navigation | null;
  /** Requests under way that may still change what the tab says. */
  pending: Set<HTTPRequest>;
};

/** A picture or a tracker that never answers says nothing. */
const TELLING_TYPES = new Set(['document', 'script', 'xhr', 'fetch']);

/** What a tab said in a dialog. */
export type SpokenDialog = { page: Page; text: string };

const MAX_DIALOGS = 20;
const MAX_DIALOG_LENGTH = 500;

/**
 * Watches tabs, and those that sites open: how they load, and the texts of their dialogs, which the browser's guard
 * closes at once.
 */
export class TabWatch implements Disposable {
  readonly #tabs = new Map<Page, WatchedTab>();
  readonly #end = new DisposableStack();
  #dialogs: SpokenDialog[] = [];
  #hasClosed = false;
  #changed = Promise.withResolvers<void>();

  /** @param context every tab that opens in it from now on is watched too */
  constructor(context: BrowserContext) {
    const onTarget = (target: Target) => {
      if (target.type() !== TargetType.PAGE) return;
      // One that closes at once is never a page.
      void target
        .page()
        .then((page) => page && !this.#end.disposed && this.add(page))
        .catch(() => {});
    };
    context.on('targetcreated', onTarget);
    this.#end.defer(() => void context.off('targetcreated', onTarget));
  }

  /** The tabs that are open, in the order in which they were opened. */
  get tabs(): WatchedTab[] {
    return [...this.#tabs.values()].filter(({ page }) => !page.isClosed());
  }

  /** All dialogs so far, oldest first, also of tabs that have closed since. */
  get dialogs(): readonly SpokenDialog[] {
    return this.#dialogs;
  }

  /** Forgets the dialogs so far: what comes next did not cause them. */
  forgetDialogs(): void {
    this.#dialogs = [];
  }

  /** Whether a tab has closed. */
  get hasClosed(): boolean {
    return this.#hasClosed;
  }

  /** Watches a tab from now on. */
  add(page: Page): void {
    if (this.#tabs.has(page)) return;
    const tab: WatchedTab = { page, navigation: null, pending: new Set() };
    this.#tabs.set(page, tab);
    const isOwn = (request: HTTPRequest) =>
      request.isNavigationRequest() && request.frame() === page.mainFrame();
    this.#on(page, 'request', (request) => {
      if (isOwn(request)) {
        tab.navigation = { url: request.url(), status: null, failure: null };
        tab.pending.clear();
      }
      if (TELLING_TYPES.has(request.resourceType())) tab.pending.add(request);
    });
    this.#on(page, 'response', (response) => {
      if (isOwn(response.request()))
        tab.navigation = { url: response.url(), status: response.status(), failure: null };
    });
    this.#on(page, 'requestfinished', (request) => {
      tab.pending.delete(request);
    });
    this.#on(page, 'requestfailed', (request) => {
      tab.pending.delete(request);
      if (isOwn(request) && tab.navigation) tab.navigation.failure = request.failure()?.errorText ?? 'failed';
      this.#changed.resolve();
    });
    this.#on(page, 'dialog', (dialog) => {
      if (this.#dialogs.length < MAX_DIALOGS)
        this.#dialogs.push({ page, text: dialog.message().trim().slice(0, MAX_DIALOG_LENGTH) });
      this.#changed.resolve();
    });
    this.#on(page, 'close', () => {
      this.#hasClosed = true;
    });
    for (const event of ['domcontentloaded', 'load', 'framenavigated', 'close'] as const)
      this.#on(page, event, () => this.#changed.resolve());
    this.#changed.resolve();
  }

  /** Resolves when something has happened since the last call, or after this time. */
  async changed(ms: number): Promise<void> {
    const timer = setTimeout(this.#changed.resolve, ms);
    await this.#changed.promise;
    clearTimeout(timer);
    this.#changed = Promise.withResolvers();
  }

  [Symbol.dispose](): void {
    this.#end.dispose();
  }

  #on<Name extends keyof PageEvents>(
    page: Page,
    name: Name,
    listener: (value: PageEvents[Name]) => void,
  ): void {
    page.on(name, listener);
    this.#end.defer(() => void page.off(name, listener));
  }
}
