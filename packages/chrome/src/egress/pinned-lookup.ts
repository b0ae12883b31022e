import type { lookup as lookupType } from 'node:dns';
import { lookup } from 'node:dns/promises';

/** An address of a name, as `dns.lookup` gives it. */
export type Address = { address: string; family: number };

/** A lookup that knows only the addresses that were evaluated. Node's sockets call it as they call `dns.lookup`. */
export function pinnedLookup(addresses: Address[]): typeof lookupType {
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
