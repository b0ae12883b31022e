/** What can go wrong with a browser. Each has its own cause and its own remedy. */
export type ChromeErrorCode =
  | 'BROWSER_NOT_FOUND'
  | 'BROWSER_LAUNCH_FAILED'
  | 'BROWSER_LAUNCH_TIMEOUT'
  | 'BROWSER_CRASHED'
  | 'BROWSER_OUT_OF_MEMORY'
  | 'BROWSER_OUT_OF_DISK'
  | 'BROWSER_MESSAGE_TOO_LARGE'
  | 'BROWSER_UNRESPONSIVE'
  | 'BROWSER_IDLE'
  | 'PAGE_CRASHED'
  | 'BLOCKED_URL'
  | 'SITE_NOT_FOUND'
  | 'BUDGET_EXCEEDED'
  | 'DOWNLOAD_TOO_MANY'
  | 'DOWNLOAD_TOO_LARGE'
  | 'DOWNLOAD_FAILED'
  | 'DOWNLOAD_TIMEOUT'
  | 'UPLOAD_TOO_LARGE';

/** An error of the browser's life cycle, of the egress policy, or of files that go in and out. */
export class ChromeError extends Error {
  override name = 'ChromeError';
  readonly code: ChromeErrorCode;

  constructor(code: ChromeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The error for a browser that ended by itself. */
export function browserCrashed(): ChromeError {
  return new ChromeError('BROWSER_CRASHED', 'The browser ended unexpectedly. Another attempt may succeed.');
}
