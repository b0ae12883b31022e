export { browserCrashed, ChromeError, type ChromeErrorCode } from './chrome-error.ts';
export { checkUrl, type EgressPolicy } from './egress/egress-policy.ts';
export { type DownloadLimits, type Downloads, openDownloads } from './files/open-downloads.ts';
export { type NewUpload, openUploads, type Uploads } from './files/open-uploads.ts';
export type { ReceivedFile } from './files/receive-file.ts';
export { type Film, filmBrowser } from './film/film-browser.ts';
export { type Frame, FrameLog } from './film/frame-log.ts';
export { type BrowserBinary, type BrowserKind, findBrowser } from './install/find-browser.ts';
export {
  type BrowserPool,
  type BrowserPoolOptions,
  openBrowserPool,
  type TakeOptions,
} from './pool/browser-pool.ts';
export type { Owner } from './process/browser-directory.ts';
export { isSandboxed, type LaunchSettings } from './process/launch-arguments.ts';
export { sweepBrowsers } from './process/sweep-browsers.ts';
export type { ConsoleLine } from './record/console-log.ts';
export { type Evidence, type Recording, recordBrowser } from './record/record-browser.ts';
export { openRemotePool } from './remote/open-remote-pool.ts';
export { type ScreencastFrame, type ScreencastOptions, screencast } from './screencast/screencast.ts';
export { type PictureClip, takePicture } from './screencast/take-picture.ts';
export type { ChromeSession, LocalSession, SessionOptions, SessionUsage } from './session/chrome-session.ts';
export { type LaunchOptions, launchBrowser } from './session/launch-browser.ts';
export { unlessAborted } from './unless-aborted.ts';
