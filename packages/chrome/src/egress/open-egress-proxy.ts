import type { lookup as lookupType } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import { RequestError, Server } from 'proxy-chain';

import { ChromeError } from '../chrome-error.ts';
import { checkTarget, type EgressPolicy, isPublicAddress } from './egress-policy.ts';

/** Finds the addresses of a name. */
export type Resolve = (hostname: string) => Promise<{ address: string; family: number }[]>;

/** A running proxy. */
export type EgressProxy = { url: string; [Symbol.asyncDispose](): Promise<void> };

/**
 * Opens the proxy that all of a browser's connections go through. It resolves a name once, refuses it if any address
 * is private, and connects to the addresses that it has judged: a name that answers differently the next moment gains
 * nothing. Redirects, fetches, sockets, workers and popups all connect anew, so all are judged.
 */
export async function openEgressProxy(
  policy: EgressPolicy,
  resolve: Resolve = resolveAll,
): Promise<EgressProxy> {
  const server = new Server({
    host: '127.0.0.1',
    port: 0,
    prepareRequestFunction: async ({ hostname, port }) => {
      try {
        const bare = hostname.replace(/^\[|\]$/g, '');
        const { mayBePrivate } = checkTarget({ hostname, port }, policy);
        const addresses = isIP(bare) ? [{ address: bare, family: isIP(bare) }] : await resolve(bare);
        if (!mayBePrivate && !addresses.every(({ address }) => isPublicAddress(address))) {
          throw new RequestError('This address is inside a private network.', 403);
        }
        return { dnsLookup: pin(addresses) };
      } catch (error) {
        if (error instanceof RequestError) throw error;
        if (error instanceof ChromeError) throw new RequestError(error.message, 403);
        throw new RequestError('The name of this site cannot be resolved.', 502);
      }
    },
  });
  await server.listen();
  return {
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server.close(true),
  };
}

function resolveAll(hostname: string): Promise<{ address: string; family: number }[]> {
  return lookup(hostname, { all: true });
}

/** A lookup that knows only what was judged. Node's sockets call it as `dns.lookup(name, options, callback)`. */
function pin(addresses: { address: string; family: number }[]): typeof lookupType {
  const answer = (...args: unknown[]): void => {
    const [, options, callback] = args;
    const [first] = addresses;
    const wantsAll =
      typeof options === 'object' && options !== null && 'all' in options && options.all === true;
    if (typeof callback !== 'function') throw new TypeError('A lookup needs a callback.');
    if (wantsAll) callback(null, addresses);
    else callback(null, first?.address, first?.family);
  };
  return Object.assign(answer, { __promisify__: lookup });
}
