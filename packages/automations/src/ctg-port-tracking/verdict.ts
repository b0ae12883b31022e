import type { JsonObject } from '../define-automation.ts';
import { ownContent } from './own-content.ts';
import type { DocumentContent } from './read-page.ts';
import { containerIn, toAnswer } from './to-answer.ts';
import type { Navigation } from './watch-tabs.ts';

/** Why there is no answer. */
export type Failure = { kind: 'failure'; code: string; message: string };

/** What a tab shows means; better ones first. */
export type Verdict =
  | { kind: 'form' }
  | { kind: 'answer'; data: JsonObject }
  | { kind: 'not-found' }
  | Failure;

const ABSENT =
  /\b(wrong|invalid|incorrect|unknown|no such) (container|cntr)|container\W+(?:(?:number|no|id)\W+)?(?:is |was )?(?:wrong|invalid|incorrect|unknown|not valid)|valid container|\bno (?:\w+ ){0,2}(records?|data|results?|information|containers?|match(es)?)\b|\b(not found|not exist|doesn.t exist)\b/i;
/** What a site says when a page of it is missing. */
const MISSING_PAGE =
  /\b404\b|\b(page|url|file|path|object|resource|document|controller|route|session|user|host)\b[^.\n]{0,40}\b(not found|not exist|invalid)/i;
/** What a site says when it breaks, though with status 200: of its own parts, not of a container. */
const BROKEN =
  /\b(fatal error|parse error|uncaught|exception|stack trace|sqlstate|ORA-\d{5}|database error|database connection)\b|\b(table|view|column|class|function|method|template|module|driver)\b[^\n]{0,60}\b(not found|not exist|doesn.t exist|undefined)/i;
const LOGIN =
  /session (has |is )?(expired|timed? ?out|invalid)|(please|must|have to|need to|required to) (log|sign)[ -]?(in|on)\b|log[ -]?in (is )?required|not (logged|signed) in|unauthori[sz]ed/i;
const CHALLENGE =
  /just a moment|checking your browser|verify(ing)? (that )?you are (a )?human|are you a (robot|human)|not a robot|captcha|unusual traffic|security check/i;
const MAINTENANCE =
  /maintenance|under construction|be back (soon|shortly)|temporarily unavailable|try again later|(server|system|service|site) is (down|busy|not available|unavailable)|service unavailable/i;

/** A page that says itself that more is to come. */
export const WAITING = /\b(loading|please wait|searching|processing|redirecting)\b/i;

/**
 * What the documents of one tab mean; null while nothing has come.
 *
 * @param o.form the documents of the form's page: what they say too is not about the container
 */
export function evaluateTab(
  documents: readonly DocumentContent[],
  o: { navigation: Navigation | null; container: string; form?: readonly DocumentContent[] },
): Verdict | null {
  const { navigation, container, form = [] } = o;
  const refusal = navigation && evaluateNavigation(navigation);
  const own = ownContent(documents, form);
  const text = own.map((content) => `${content.title}\n${content.text}`).join('\n');
  if (refusal) return evaluateObstacle(documents, text) ?? refusal;
  const { data } = toAnswer(own, container);
  if (data) return isOfAnother(data, container) ? failures.otherContainer : { kind: 'answer', data };
  const meaning = evaluateText(text);
  if (meaning?.kind === 'not-found') return meaning;
  const obstacle = evaluateObstacle(documents, text);
  if (obstacle) return obstacle;
  if (BROKEN.test(text)) return failures.broken;
  // Labels without a single value, also if the form's page shows them so.
  if (!WAITING.test(text) && toAnswer(documents, container).hasEmptyFields) return { kind: 'not-found' };
  return documents.every((content) => `${content.title}${content.text}`.trim() === '')
    ? failures.empty
    : failures.changed;
}

/** What keeps from asking at all: a log-in, a challenge, maintenance. */
export function evaluateObstacle(documents: readonly DocumentContent[], text: string): Failure | null {
  if (documents.some(({ hasChallenge }) => hasChallenge) || CHALLENGE.test(text)) return failures.challenge;
  if (documents.some(({ hasPassword }) => hasPassword) || LOGIN.test(text)) return failures.login;
  return MAINTENANCE.test(text) ? failures.maintenance : null;
}

/** What became of a request for a page, if no page of the site came. */
export function evaluateNavigation({ status, failure }: Navigation): Failure | null {
  if (failure === 'net::ERR_ABORTED') return failures.noPage;
  if (failure?.startsWith('net::ERR_CERT') || failure?.startsWith('net::ERR_SSL'))
    return unavailable(`has a certificate that cannot be trusted (${failure})`);
  if (failure !== null) return unavailable(`broke the connection (${failure})`);
  if (status === null || (status < 400 && status !== 204)) return null;
  if (status === 204) return failures.noPage;
  if (status === 401 || status === 407) return failures.login;
  if (status === 404 || status === 410) return failures.moved;
  if (status === 429) return unavailable('asks for fewer requests (HTTP 429)');
  // The proxy's own statuses for a connection that failed (proxy-chain), which no site has.
  return unavailable(status >= 590 ? 'could not be reached' : `answered with an error (HTTP ${status})`);
}

/** What a text means by itself, such as that of a dialog; null if nothing that is known. */
export function evaluateText(text: string): Verdict | null {
  const isAbsent = text
    .split('\n')
    .some((line) => ABSENT.test(line) && !MISSING_PAGE.test(line) && !BROKEN.test(line));
  if (isAbsent) return { kind: 'not-found' };
  return evaluateObstacle([], text);
}

function isOfAnother({ containerNumber, other }: JsonObject, container: string): boolean {
  const values = [
    containerNumber,
    ...Object.values(typeof other === 'object' && other !== null ? other : {}),
  ];
  const numbers = values.flatMap((value) => (typeof value === 'string' ? (containerIn(value) ?? []) : []));
  return numbers.length > 0 && !numbers.includes(container);
}

function unavailable(what: string): Failure {
  return {
    kind: 'failure',
    code: 'SITE_UNAVAILABLE',
    message: `The port’s site ${what}. Try again later.`,
  };
}

const failure = (code: string, message: string): Failure => ({ kind: 'failure', code, message });

/** Failures that have one cause each. */
export const failures = {
  login: failure(
    'SITE_LOGIN_REQUIRED',
    'The port’s site asks for a log-in. Gantry has none for it: check whether the search still works without one.',
  ),
  challenge: failure(
    'SITE_CHALLENGE',
    'The port’s site wants to know whether a person is asking (CAPTCHA). Try again later, with a longer pause between rows.',
  ),
  maintenance: failure('SITE_MAINTENANCE', 'The port’s site is under maintenance. Try again later.'),
  changed: failure(
    'SITE_LAYOUT_CHANGED',
    'The port’s page looks different from what this automation knows. Look at the picture of the row.',
  ),
  moved: failure(
    'SITE_LAYOUT_CHANGED',
    'The port’s search is not where it used to be. Check CTG_PORT_BASE_URL.',
  ),
  noForm: failure(
    'SITE_LAYOUT_CHANGED',
    'The port’s search form is not where it used to be. Check CTG_PORT_BASE_URL.',
  ),
  empty: unavailable('sent an empty page'),
  broken: unavailable('answered with an error of its own program'),
  noPage: unavailable('answered without a page'),
  closed: unavailable('closed the answer without a word'),
  otherContainer: failure(
    'SITE_WRONG_ANSWER',
    'The port’s site answered for another container. Run the row again.',
  ),
  timeout: failure('SITE_TIMEOUT', 'The port’s site did not answer in time. Try again later.'),
};
