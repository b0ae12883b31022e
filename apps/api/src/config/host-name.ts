import { isIP, isIPv6 } from 'node:net';

const AUTHORITY = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i;

/** The name or address of a Host header without its port, as names are compared; null for what no browser sends. */
export function readHostName(authority: string): string | null {
  const [, address, name] = AUTHORITY.exec(authority) ?? [];
  if (address !== undefined) return isIPv6(address) ? canonicalIPv6(address) : null;
  // A name may end in the dot of the root.
  const bare = name?.toLowerCase().replace(/\.$/, '');
  return bare || null;
}

/** Whether a name is an IP address: no resolver can make it mean another machine. */
export function isAddress(name: string): boolean {
  return isIP(name) !== 0;
}

/** The form in which browsers write an address: one for each. */
function canonicalIPv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
