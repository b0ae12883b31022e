import type { CDPSession, HTTPRequest, HTTPResponse, Page } from 'puppeteer-core';

import { AutomationError } from '../automation-error.ts';

/** A page that goes elsewhere by itself within this time is followed: a meta refresh, for one. */
const MAX_REFRESH_DELAY_MS = 10_000;
/** From the moment when a refresh is due until its request begins. */
const REFRESH_GRACE_MS = 1_000;
/** A request without an answer for so long is not waited for. */
const HANGING_MS = 5_000;
/** They never end, or nothing on the page depends on them. */
const UNAWAITED = new Set(['eventsource', 'websocket', 'ping', 'prefetch', 'media', 'cspviolationreport']);

/** Follows where a tab goes and what it loads. */
export class TabWatch {
  /** The address that the tab was led to last, by a redirect, a script or a refresh. */
  leadsTo: string;
  /** The answer that the open document came with. */
  response: HTTPResponse | null = null;
  /** The last answer that was no page: a file, or nothing. */
  discarded: HTTPResponse | null = null;
  /** `net::ERR_…` of the document that could not be loaded, or not to its end. */
  failure: string | null = null;
  /** Whether the open document is about to load itself anew. */
  renews = false;
  /** How many documents the tab has opened. */
  documents = 0;
  /** `performance.now()` when the last document was opened. */
  openedAt = performance.now();
  /** `performance.now()` when something last began or ended to load. */
  changedAt = performance.now();
  /** Rejects when the tab is gone: the page closed itself or crashed. */
  readonly ended: Promise<never>;

  readonly #page: Page;
  readonly #requests = new Map<HTTPRequest, number>();
  #previous: HTTPResponse | null = null;
  #isOpening = false;
  #refreshDueAt = 0;

  private constructor(page: Page, url: string) {
    this.#page = page;
    this.leadsTo = url;
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => {});
    this.ended = ended.promise;
    page.on('close', () =>
      ended.reject(new AutomationError('PAGE_CLOSED', 'The page closed itself before it could be captured.')),
    );
    page.on('error', (cause) =>
      ended.reject(
        new AutomationError('PAGE_CRASHED', 'The page crashed the tab that showed it.', { cause }),
      ),
    );
    page.on('request', (request) => this.#onRequest(request));
    page.on('requestfinished', (request) => this.#onEnd(request));
    page.on('requestfailed', (request) => {
      if (this.#isDocument(request)) this.#onFailure(request.failure()?.errorText ?? 'net::ERR_FAILED');
      this.#onEnd(request);
    });
    page.on('response', (response) => {
      if (this.#isDocument(response.request())) this.response = response;
    });
  }

  /** Begins to watch a tab before it opens `url`. */
  static async open(page: Page, url: string): Promise<TabWatch> {
    const watch = new TabWatch(page, url);
    await watch.#listen(await page.createCDPSession());
    return watch;
  }

  /** Whether the open document came with a policy that lets no script run in it, not even a timer. */
  get isScriptless(): boolean {
    const policy = this.response?.headers()['content-security-policy'] ?? '';
    return /(^|[;,\n])\s*sandbox\b(?![^;,\n]*allow-scripts)/i.test(policy);
  }

  /** Whether the tab is on its way to another document. */
  get isMoving(): boolean {
    return this.#isOpening || performance.now() < this.#refreshDueAt;
  }

  /** Whether something loads that may still come. */
  get isLoading(): boolean {
    return this.#ages.some((age) => age < HANGING_MS);
  }

  /** How many parts of the page have not been answered for a long time. */
  get hanging(): number {
    return this.#ages.filter((age) => age >= HANGING_MS).length;
  }

  get #ages(): number[] {
    return Array.from(this.#requests.values(), (since) => performance.now() - since);
  }

  #isDocument(request: HTTPRequest): boolean {
    return request.isNavigationRequest() && request.frame() === this.#page.mainFrame();
  }

  #onRequest(request: HTTPRequest): void {
    this.changedAt = performance.now();
    if (this.#isDocument(request)) {
      this.#isOpening = true;
      this.#refreshDueAt = 0;
      this.leadsTo = request.url();
      this.failure = null;
      if (request.redirectChain().length === 0) this.#previous = this.response;
      // What the last document was waiting for is not awaited any more.
      this.#requests.clear();
    } else if (/^https?:/.test(request.url()) && !UNAWAITED.has(request.resourceType())) {
      this.#requests.set(request, this.changedAt);
    }
  }

  #onEnd(request: HTTPRequest): void {
    if (this.#requests.delete(request)) this.changedAt = performance.now();
  }

  #onFailure(failure: string): void {
    this.#isOpening = false;
    this.changedAt = performance.now();
    if (failure !== 'net::ERR_ABORTED') {
      this.failure = failure;
      return;
    }
    // What leads to a file leaves the page where it was.
    this.discarded = this.response;
    this.response = this.#previous;
  }

  async #listen(session: CDPSession): Promise<void> {
    const { frameTree } = await session.send('Page.getFrameTree');
    const isMain = (frameId: string) => frameId === frameTree.frame.id;
    session.on('Page.frameScheduledNavigation', ({ frameId, delay, reason, url }) => {
      const isRefresh = reason === 'metaTagRefresh' || reason === 'httpHeaderRefresh';
      if (!isMain(frameId)) return;
      // A page that renews itself stays where it is.
      if (isRefresh && url === this.#page.url()) {
        this.renews = true;
        return;
      }
      if (delay * 1000 <= MAX_REFRESH_DELAY_MS)
        this.#refreshDueAt = performance.now() + delay * 1000 + REFRESH_GRACE_MS;
    });
    session.on('Page.frameClearedScheduledNavigation', ({ frameId }) => {
      if (isMain(frameId) && !this.#isOpening) this.#refreshDueAt = 0;
    });
    session.on('Page.frameNavigated', ({ frame }) => {
      if (!isMain(frame.id)) return;
      this.#isOpening = false;
      this.documents += 1;
      this.renews = false;
      this.openedAt = this.changedAt = performance.now();
    });
    await session.send('Page.enable');
  }
}
