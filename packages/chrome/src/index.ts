export type { Owner } from './browser-directory.ts';
export {
  type BrowserPool,
  type BrowserPoolOptions,
  openBrowserPool,
  type TakeOptions,
} from './browser-pool.ts';
export { browserCrashed, ChromeError, type ChromeErrorCode } from './chrome-error.ts';
export type { ChromeSession, LocalSession, SessionOptions, SessionUsage } from './chrome-session.ts';
export { checkUrl, type EgressPolicy } from './egress/egress-policy.ts';
export { type DownloadLimits, type Downloads, openDownloads } from './files/open-downloads.ts';
export { type NewUpload, openUploads, type Uploads } from './files/open-uploads.ts';
export type { ReceivedFile } from './files/receive-file.ts';
export { type BrowserBinary, type BrowserKind, findBrowser } from './find-browser.ts';
export { type Film, filmBrowser } from './frames/film-browser.ts';
export { type Frame, FrameLog } from './frames/frame-log.ts';
export { isSandboxed, type LaunchSettings } from './launch-arguments.ts';
export { type LaunchOptions, launchBrowser } from './launch-browser.ts';
export type { ConsoleLine } from './record/console-log.ts';
export { type Evidence, type Recording, recordBrowser } from './record/record-browser.ts';
export { openRemotePool } from './remote/open-remote-pool.ts';
export { type ScreencastFrame, type ScreencastOptions, screencast } from './screencast.ts';
export { sweepBrowsers } from './sweep-browsers.ts';
export { type PictureClip, takePicture } from './take-picture.ts';
export { unlessAborted } from './unless-aborted.ts';
