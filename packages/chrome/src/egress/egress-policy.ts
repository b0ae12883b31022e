import ipaddr from 'ipaddr.js';

import { ChromeError } from '../chrome-error.ts';

/** Where the pages of a browser may connect to. */
export type EgressPolicy = {
  /** Public hosts: all, none, or these and their subdomains. */
  allowPublic: boolean | string[];
  /** Origins that may be reached though they are private, exactly as written: `http://127.0.0.1:8080`. */
  allowPrivateOrigins: string[];
  /** How many bytes may pass in both directions together; no limit if left out. */
  maxBytes?: number;
  /** How many requests may be made, where a secure connection counts as one; no limit if left out. */
  maxRequests?: number;
};

const PUBLIC_PORTS = new Set([80, 443]);
const PRIVATE_NAMES = /(^|\.)(localhost|local|internal|localdomain|home\.arpa|svc|lan|intranet)\.?$/i;
// All of IPv6 that is assigned to the public internet. Addresses outside, like `::127.0.0.1` or NAT64, leads inside.
const PUBLIC_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');
/** The metadata address of Azure, which counts as public. */
const PUBLIC_METADATA = new Set(['168.63.129.16']);

/** Tells whether an address is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // An IPv4 address in IPv6 clothes is evaluated as what it is.
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(PUBLIC_IPV6)) return false;
  return parsed.range() === 'unicast' && !PUBLIC_METADATA.has(parsed.toString());
}

/**
 * Evaluates a URL by what it says: scheme, userinfo, host name and port. What the name resolves to is evaluated by the
 * proxy, at the moment of connecting.
 *
 * @throws {ChromeError} BLOCKED_URL
 */
export function checkUrl(text: string, policy: EgressPolicy): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw blocked('Only addresses that begin with http:// or https:// can be opened.');
  }
  if (url.username || url.password) throw blocked('Addresses with a user name or password cannot be opened.');
  checkTarget({ hostname: url.hostname, port: portOf(url) }, policy);
  return url;
}

/** Evaluates host and port. @returns whether the host was allowed by name, so that its address may be private */
export function checkTarget(
  o: { hostname: string; port: number },
  policy: EgressPolicy,
): { mayBePrivate: boolean } {
  const hostname = o.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const mayBePrivate = policy.allowPrivateOrigins.some((text) => {
    const origin = new URL(text);
    return origin.hostname.replace(/^\[|\]$/g, '') === hostname && portOf(origin) === o.port;
  });
  if (mayBePrivate) return { mayBePrivate };
  if (ipaddr.isValid(hostname)) {
    if (!isPublicAddress(hostname))
      throw blocked('This address is inside a private network and cannot be opened.');
  } else if (PRIVATE_NAMES.test(hostname) || !hostname.includes('.')) {
    throw blocked('This address is inside a private network and cannot be opened.');
  }
  if (!PUBLIC_PORTS.has(o.port)) throw blocked('Only the ports 80 and 443 of public sites can be opened.');
  const isListed =
    policy.allowPublic === true ||
    (policy.allowPublic !== false &&
      policy.allowPublic.some((host) => hostname === host || hostname.endsWith(`.${host}`)));
  if (!isListed) throw blocked('This site is not one that the service may open.');
  return { mayBePrivate: false };
}

/** The error for an address that the policy refuses. */
export function blocked(message: string): ChromeError {
  return new ChromeError('BLOCKED_URL', message);
}

function portOf(url: URL): number {
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80));
}
