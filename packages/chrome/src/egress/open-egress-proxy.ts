import { lookup } from 'node:dns/promises';
import { isIP, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';

import { RequestError, Server } from 'proxy-chain';

import { ChromeError } from '../chrome-error.ts';
import { blocked, checkTarget, type EgressPolicy, isPublicAddress } from './egress-policy.ts';
import { evaluateByName, targetOf } from './evaluate-by-name.ts';
import { isOwnAddress } from './is-own-address.ts';
import { type Address, pinnedLookup } from './pinned-lookup.ts';
import { PublicNames } from './public-names.ts';
import { SingleUseAgent } from './single-use-agent.ts';
import { type Traffic, TrafficMeter } from './traffic-meter.ts';
import { WARM_UP_HOST, warmUpPage } from './warm-up-page.ts';

const MAX_REFUSALS = 1_000;

/** Finds the addresses of a name. */
export type Resolve = (hostname: string) => Promise<Address[]>;

/** A running proxy. */
export type EgressProxy = {
  url: string;
  /** The policy that holds from now on. Until then everything is refused. */
  bind: (policy: EgressPolicy) => void;
  /**
   * Says why a URL was refused, here for its host or to every page for its scheme, or that its host has no address; null
   * for one that may be opened.
   */
  refusalOf: (url: string) => ChromeError | null;
  traffic: () => Traffic;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Opens the proxy that all of a browser's connections go through. It resolves a name once, refuses it if any address
 * is private, and connects to the addresses that it has evaluated: a name that answers differently the next moment gains
 * nothing. Redirects, fetches, sockets, workers and popups all connect anew, so all are evaluated.
 *
 * What fails here, fails in the browser too: an answer of the proxy would be taken for one of the site.
 *
 * @param o.onOverBudget called once, with BUDGET_EXCEEDED, when more has passed than the policy allows; nothing passes
 * from then on
 */
export async function openEgressProxy(o: {
  resolve?: Resolve | undefined;
  onOverBudget: (error: ChromeError) => void;
}): Promise<EgressProxy> {
  const names = new PublicNames();
  // What a service declares may be a name of the system's own, of its hosts file for one, and is trusted to answer.
  const resolve = (hostname: string, { isDeclared }: { isDeclared: boolean }) =>
    o.resolve?.(hostname) ?? (isDeclared ? resolveAll(hostname) : names.resolve(hostname));
  const refusals = new Map<string, ChromeError>();
  let policy: EgressPolicy | null = null;
  const server = new Server({
    host: '127.0.0.1',
    port: 0,
    prepareRequestFunction: async ({ request, hostname, port, isHttp }) => {
      // Only before there is a job: to that, and to its pages, there is no such site.
      if (policy === null && isHttp && hostname === WARM_UP_HOST)
        return { customResponseFunction: warmUpPage };
      try {
        if (policy === null) throw blocked('Nothing can be opened before the job begins.');
        meter.countRequest();
        const addresses = await evaluate({ hostname, port }, { policy, resolve });
        refusals.delete(`${hostname}:${port}`);
        // What ends a request has happened already, and nothing would end what is begun for it now.
        if (request.socket.destroyed) throw new Error('The client has gone.');
        hideProxy(request.rawHeaders);
        if (!isHttp) hangUpWith(request.socket);
        return {
          dnsLookup: pinnedLookup(addresses),
          ...(isHttp && { httpAgent: new SingleUseAgent(request.socket) }),
        };
      } catch (error) {
        if (error instanceof ChromeError && refusals.size < MAX_REFUSALS) {
          refusals.set(`${hostname}:${port}`, error);
        }
        // A tunnel that is refused is a failure to Chrome, and a plain request that is answered is none.
        if (isHttp) request.socket.destroy();
        throw new RequestError('', error instanceof ChromeError && error.code === 'BLOCKED_URL' ? 403 : 502);
      }
    },
  });
  const meter = new TrafficMeter(server, o.onOverBudget);
  await server.listen();
  return {
    url: `http://127.0.0.1:${server.port}`,
    bind(given) {
      refusals.clear();
      meter.begin(given);
      policy = given;
    },
    refusalOf: (text) => {
      const target = targetOf(text);
      const refusal = target && refusals.get(`${target.hostname}:${target.port}`);
      // Of a host that the browser did not even ask for, what the policy says: some ports Chrome itself refuses.
      return refusal ?? (policy && evaluateByName(text, policy));
    },
    traffic: () => meter.read(),
    async [Symbol.asyncDispose]() {
      meter.end();
      names[Symbol.dispose]();
      await server.close(true);
    },
  };
}

/** Ends a tunnel's far end with its near one. Else what a site still sends is read for ever, and counted nowhere. */
function hangUpWith(client: Socket): void {
  // Chrome, when it hangs up, wants no more answers either.
  client.allowHalfOpen = false;
  client.on('pipe', (site) => {
    client.once('close', () => {
      if (!(site instanceof Socket)) return;
      // One that does not come about has nothing to finish, and would be tried for two minutes.
      if (site.connecting) site.destroy();
      else site.destroySoon();
    });
  });
}

/** Takes out what Chrome says to a proxy alone: sites would learn that there is one. */
function hideProxy(rawHeaders: string[]): void {
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2) {
    if (/^proxy-/i.test(rawHeaders[i] ?? '')) rawHeaders.splice(i, 2);
  }
}

async function evaluate(
  target: { hostname: string; port: number },
  o: { policy: EgressPolicy; resolve: (hostname: string, o: { isDeclared: boolean }) => Promise<Address[]> },
): Promise<Address[]> {
  const hostname = target.hostname.replace(/^\[|\]$/g, '');
  const { mayBePrivate } = checkTarget(target, o.policy);
  const family = isIP(hostname);
  const addresses =
    family === 0
      ? await o.resolve(hostname, { isDeclared: mayBePrivate }).catch((cause: unknown) => {
          throw notFound(cause);
        })
      : [{ address: hostname, family }];
  if (addresses.length === 0) throw notFound(null);
  if (!mayBePrivate && !areOutside(addresses)) {
    throw blocked('This address is inside a private network and cannot be opened.');
  }
  return addresses;
}

function notFound(cause: unknown): ChromeError {
  const message = 'No site of this name was found. Check the address, or try again later.';
  return new ChromeError('SITE_NOT_FOUND', message, { cause });
}

function areOutside(addresses: Address[]): boolean {
  if (!addresses.every(({ address }) => isPublicAddress(address))) return false;
  // Once for all of them: the system is asked, which takes a tenth of a millisecond.
  const interfaces = networkInterfaces();
  return !addresses.some(({ address }) => isOwnAddress(address, interfaces));
}

function resolveAll(hostname: string): Promise<Address[]> {
  return lookup(hostname, { all: true });
}
