import type { HTTPResponse } from 'puppeteer-core';

import { AutomationError } from '../automation-error.ts';

/** Why a page could not be opened, by the browser's own code. */
const REASONS: [code: RegExp, problem: [code: string, message: string]][] = [
  [
    /ERR_CERT_AUTHORITY_INVALID/,
    [
      'CERTIFICATE_INVALID',
      'The certificate of the site is self-signed, or signed by an authority that browsers do not trust.',
    ],
  ],
  [
    /ERR_CERT_DATE_INVALID/,
    ['CERTIFICATE_INVALID', 'The certificate of the site has expired, or is not valid yet.'],
  ],
  [
    /ERR_CERT_COMMON_NAME_INVALID/,
    ['CERTIFICATE_INVALID', 'The certificate of the site belongs to a site of another name.'],
  ],
  [/ERR_CERT_REVOKED/, ['CERTIFICATE_INVALID', 'The certificate of the site has been revoked.']],
  [/ERR_CERT_/, ['CERTIFICATE_INVALID', 'The certificate of the site is not valid.']],
  [
    /ERR_SSL_|ERR_BAD_SSL/,
    ['PAGE_UNAVAILABLE', 'The site offers no secure connection that browsers accept.'],
  ],
  [/ERR_TOO_MANY_REDIRECTS/, ['PAGE_REDIRECTS', 'The site redirects without end.']],
  [
    /ERR_(UNSAFE|INVALID)_REDIRECT|ERR_\w+_URL_SCHEME/,
    ['PAGE_UNAVAILABLE', 'The site redirects to an address that browsers refuse to open.'],
  ],
  [
    /ERR_CONTENT_DECODING|ERR_CONTENT_LENGTH|ERR_INCOMPLETE|ERR_INVALID_(CHUNKED|HTTP|RESPONSE)|ERR_RESPONSE_HEADERS|ERR_HTTP2/,
    ['PAGE_BROKEN', 'The answer of the site is damaged or was cut off: no browser can show it.'],
  ],
  [/ERR_NAME_|ERR_DNS/, ['PAGE_UNAVAILABLE', 'No site of this name was found. Check the address.']],
  [/ERR_UNSAFE_PORT|ERR_BLOCKED/, ['PAGE_UNAVAILABLE', 'Browsers refuse to open this address.']],
  [
    /ERR_INVALID_AUTH|ERR_UNEXPECTED_PROXY_AUTH/,
    ['PAGE_NEEDS_SIGN_IN', 'The page asks for a user name and a password.'],
  ],
  [
    /ERR_TIMED_OUT|ERR_CONNECTION_TIMED_OUT/,
    ['PAGE_TIMEOUT', 'The site did not answer in time. Try again later.'],
  ],
  [
    /ERR_EMPTY_RESPONSE|ERR_CONNECTION_(RESET|CLOSED|ABORTED)/,
    ['PAGE_UNAVAILABLE', 'The site closed the connection without an answer. Try again later.'],
  ],
  [
    /ERR_/,
    ['PAGE_UNAVAILABLE', 'No connection to the site could be made. Check the address, or try again later.'],
  ],
];
/** What the egress proxy answers for a site that it could not reach (proxy-chain), from 590 to 599; no site does. */
const PROXY_STATUSES: Record<number, string> = {
  593: 'ERR_NAME_NOT_RESOLVED',
  594: 'ERR_CONNECTION_REFUSED',
  595: 'ERR_CONNECTION_RESET',
};

/** Statuses whose answers have no body. */
const BODILESS = new Set([204, 205]);

/** The error for a document that the browser could not load. @param failure `net::ERR_…` */
export function loadError(failure: string): AutomationError {
  const [, [code, message]] = REASONS.find(([pattern]) => pattern.test(failure)) ?? [
    null,
    ['PAGE_UNAVAILABLE', 'The page could not be opened.'] as const,
  ];
  return new AutomationError(code, message);
}

/** Evaluates an answer by its head. @throws {AutomationError} if no page comes with it */
export function checkResponse(response: HTTPResponse): void {
  const status = response.status();
  const headers = response.headers();
  if (status >= 590 && status <= 599) throw loadError(PROXY_STATUSES[status] ?? 'ERR_CONNECTION_FAILED');
  if (BODILESS.has(status)) throw emptyPage(status);
  if (status === 401 && headers['www-authenticate'])
    throw new AutomationError('PAGE_NEEDS_SIGN_IN', 'The page asks for a user name and a password.');
  if (headers['content-type']?.startsWith('application/pdf')) throw notAPage(response);
}

/** The error for an address that leads to a file, or, without any response, to nothing that a browser shows. */
export function notAPage(response: HTTPResponse | null): AutomationError {
  if (!response) return new AutomationError('PAGE_EMPTY', 'The site answered without a page.');
  const type = /^[\w.+-]+\/[\w.+-]+/.exec(response.headers()['content-type'] ?? '')?.[0];
  const kind = type === 'application/pdf' ? 'a PDF file' : type ? `a file (${type.slice(0, 80)})` : 'a file';
  return new AutomationError('PAGE_IS_A_FILE', `The address leads to ${kind}, not to a page.`);
}

/** The error for a page that shows nothing. */
export function emptyPage(status: number | null): AutomationError {
  const isBodiless = status !== null && BODILESS.has(status);
  const suffix = status === null || status === 200 ? '' : ` (status ${status})`;
  return new AutomationError(
    'PAGE_EMPTY',
    `The site answered ${isBodiless ? 'without a page' : 'with an empty page'}${suffix}.`,
  );
}

/** The error for a page whose scripts, or whose size, leave its tab no time to answer. */
export function busyPage(): AutomationError {
  return new AutomationError('PAGE_UNRESPONSIVE', 'The page keeps its tab so busy that it does not answer.');
}
