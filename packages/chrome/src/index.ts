export type { Owner } from './browser-directory.ts';
export { ChromeError, type ChromeErrorCode } from './chrome-error.ts';
export { checkUrl, type EgressPolicy } from './egress/egress-policy.ts';
export { type BrowserBinary, findBrowser } from './find-browser.ts';
export { type ChromeSession, type LaunchOptions, launchBrowser } from './launch-browser.ts';
export { sweepBrowsers } from './sweep-browsers.ts';
