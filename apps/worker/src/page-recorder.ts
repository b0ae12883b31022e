import type { HTTPRequest, Page } from 'puppeteer-core';

const MOST_LINES = 500;
const LONGEST_LINE = 1_000;

/** The last lines of what a page said and asked for. */
export type PageRecording = { console: string[]; network: string[] };

/** Remembers the last lines of a page's console and the last requests that it made. */
export function recordPage(page: Page): PageRecording {
  const recording: PageRecording = { console: [], network: [] };
  const add = (lines: string[], line: string) => {
    lines.push(line.slice(0, LONGEST_LINE));
    if (lines.length > MOST_LINES) lines.shift();
  };
  const asked = (request: HTTPRequest) => `${request.method()} ${request.url()}`;
  page.on('console', (message) => add(recording.console, `${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => add(recording.console, `error: ${String(error)}`));
  page.on('response', (response) =>
    add(recording.network, `${response.status()} ${asked(response.request())}`),
  );
  page.on('requestfailed', (request) =>
    add(recording.network, `${request.failure()?.errorText ?? 'failed'} ${asked(request)}`),
  );
  return recording;
}
