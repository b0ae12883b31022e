import type { JsonObject } from '@gantry/contract';
import { ownContent } from './own-content.ts';
import type { DocumentContent } from './read-page.ts';
import { containerIn, containersIn, toAnswer } from './to-answer.ts';
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
  /\b(wrong|invalid|incorrect|unknown|no such) (container|cntr)|container\W+(?:(?:number|no|id)\W+)?(?:is |was )?(?:wrong|invalid|incorrect|unknown|not valid)|valid container|\bno (?:\w+ ){0,2}(records?|data|results?|information|containers?|match(es)?)\b|\b(not found|not exist|doesn.t exist|nothing (was )?found)\b|\b(0|zero) (record|result|container|match|entries|row)(e?s|\(s\))?(?!\w)|\b(could not|couldn.t|cannot|can.t|unable to|failed to) (find|locate) (the |this |that |any |your |such )?(\w+ )?(containers?|records?|data|results?|match(es)?|numbers?|units?)\b|পাও(য়|য়)া যা(য়|য়) ?নি/i;
/** What a site says when a page of it is missing. */
const MISSING_PAGE =
  /\b404\b|\b(page|url|file|path|object|resource|document|controller|route|session|user|host)\b[^.\n]{0,40}\b(not found|not exist|invalid)/i;
/** What a site says when it breaks, though with status 200: of its own parts, not of a container. */
const BROKEN =
  /\b(fatal error|parse error|uncaught|exception|stack trace|sqlstate|ORA-\d{5}|database error|access denied for user|bad gateway|gateway time-?out|internal server error|php error|mysqli?_\w+|unable to connect to|database connection)\b|\b(table|view|column|class|function|method|template|module|driver)\b[^\n]{0,60}\b(not found|not exist|doesn.t exist|undefined)/i;
const LOGIN =
  /session (has |is |was )?(been )?(expired|timed? ?out|invalid)|\b(have been|are|were) (logged|signed) (out|off)\b|(please|must|have to|need to|required to) (log|sign)[ -]?(in|on)\b|log[ -]?in (is )?required|not (logged|signed) in|unauthori[sz]ed/i;
const CHALLENGE =
  /just a moment|checking (if )?(your browser|the site connection)|(verif(y|ying)|confirm|prove)( that)? you are( a)? (human|not a)|are you a (robot|human)|not a (ro)?bot|captcha|unusual traffic|security (check|verification)|press (&|and) hold|pardon our interruption|enable javascript and cookies/i;
/** What a site, or the firewall before it, says to those whom it does not serve. */
const DENIED =
  /\baccess\b[^\n.]{0,80}\b(denied|forbidden|blocked|restricted|not allowed)\b|\b(request|connection|traffic|visit|ip|address|page|url)\b[^\n]{0,60}\b(blocked|rejected|denied|banned|black-?listed|not allowed)\b|\byou (have been|are|were) (blocked|banned|denied)\b|don.t have permission|\bforbidden\b|not acceptable|not available in your (country|region)|incapsula|incident id|request unsuccessful|request could not be satisfied/i;
const TOO_MANY = /too many requests|rate limit/i;
const MAINTENANCE =
  /maintenance|under construction|be (right )?back|back online|temporarily (unavailable|closed|offline|down)|try again later|(server|system|service|website|site|portal) is (currently |temporarily |now )?(down|busy|offline|closed|not available|unavailable)|service unavailable|scheduled (downtime|outage)|(being|is) upgrad(ed|ing)|upgrade in progress/i;

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
  if (data) return isOfAnother(data, text, container) ? failures.otherContainer : { kind: 'answer', data };
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

/** What keeps from asking at all: a challenge, a log-in, a refusal, maintenance. */
export function evaluateObstacle(documents: readonly DocumentContent[], text: string): Failure | null {
  if (documents.some(({ hasChallenge }) => hasChallenge) || CHALLENGE.test(text)) return failures.challenge;
  if (documents.some(({ hasPassword }) => hasPassword) || LOGIN.test(text)) return failures.login;
  if (DENIED.test(text) && !BROKEN.test(text)) return failures.denied;
  if (TOO_MANY.test(text)) return failures.tooMany;
  return MAINTENANCE.test(text) ? failures.maintenance : null;
}

/** What became of a request for a page, if no page of the site came. */
export function evaluateNavigation({ status, failure }: Navigation): Failure | null {
  if (failure === 'net::ERR_ABORTED') return failures.noPage;
  if (failure?.startsWith('net::ERR_CERT') || failure?.startsWith('net::ERR_SSL'))
    return unavailable(`has a certificate that cannot be trusted (${failure})`);
  if (failure !== null) return unavailable(`broke the connection (${failure})`);
  if (status === 204 || status === 205 || status === 304) return failures.noPage;
  if (status === null || status < 400) return null;
  if (status === 401 || status === 407) return failures.login;
  if (status === 403 || status === 451) return failures.denied;
  if (status === 404 || status === 410) return failures.moved;
  if (status === 429) return failures.tooMany;
  // The proxy's own statuses for a connection that failed (proxy-chain), which no site has.
  return unavailable(
    status >= 590 && status <= 599 ? 'could not be reached' : `answered with an error (HTTP ${status})`,
  );
}

/** What a text means by itself, such as that of a dialog; null if nothing that is known. */
export function evaluateText(text: string): Verdict | null {
  const isAbsent = text
    .split('\n')
    .some((line) => ABSENT.test(line) && !MISSING_PAGE.test(line) && !BROKEN.test(line));
  if (isAbsent) return { kind: 'not-found' };
  return evaluateObstacle([], text);
}

function isOfAnother({ containerNumber, other }: JsonObject, text: string, container: string): boolean {
  const values = [
    containerNumber,
    ...Object.values(typeof other === 'object' && other !== null ? other : {}),
  ];
  const numbers = values.flatMap((value) => (typeof value === 'string' ? (containerIn(value) ?? []) : []));
  const named = [...numbers, ...containersIn(text)];
  return named.length > 0 && !named.includes(container);
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
  denied: failure(
    'SITE_ACCESS_DENIED',
    'The port’s site refuses to serve Gantry. Try again later with a longer pause between rows, or from another network, or ask the port to allow it.',
  ),
  maintenance: failure('SITE_MAINTENANCE', 'The port’s site is under maintenance. Try again later.'),
  changed: failure(
    'SITE_LAYOUT_CHANGED',
    'The port’s page looks different from what this automation knows. Look at the picture of the row.',
  ),
  elsewhere: failure(
    'BLOCKED_URL',
    'The port’s site leads to another site, which this automation may not open. Look in a browser whether it has moved, is closed or asks for a log-in.',
  ),
  moved: failure(
    'SITE_LAYOUT_CHANGED',
    'The port’s search is not where it used to be. Check CTG_PORT_BASE_URL.',
  ),
  noForm: failure(
    'SITE_LAYOUT_CHANGED',
    'The port’s search form is not where it used to be. Check CTG_PORT_BASE_URL.',
  ),
  tooMany: unavailable('asks for fewer requests'),
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
