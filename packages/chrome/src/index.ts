export type { Owner } from './browser-directory.ts';
export {
  type BrowserPool,
  type BrowserPoolOptions,
  openBrowserPool,
  type TakeOptions,
} from './browser-pool.ts';
export { ChromeError, type ChromeErrorCode } from './chrome-error.ts';
export type { ChromeSession, LocalSession, SessionOptions, SessionUsage } from './chrome-session.ts';
export { checkUrl, type EgressPolicy } from './egress/egress-policy.ts';
export { type BrowserBinary, type BrowserKind, findBrowser } from './find-browser.ts';
export { isSandboxed, type LaunchSettings } from './launch-arguments.ts';
export { type LaunchOptions, launchBrowser } from './launch-browser.ts';
export { openRemotePool } from './remote/open-remote-pool.ts';
export { type ScreencastFrame, type ScreencastOptions, screencast } from './screencast.ts';
export { sweepBrowsers } from './sweep-browsers.ts';
