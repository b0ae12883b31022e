import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

import ipaddr from 'ipaddr.js';

/**
 * Whether an address is this machine's own or, for IPv6, in a network of this machine. By their numbers such are
 * public, but what arrives from here passes no firewall.
 *
 * @param address a valid one
 */
export function isOwnAddress(
  address: string,
  interfaces: Partial<Record<string, NetworkInterfaceInfo[]>> = networkInterfaces(),
): boolean {
  const parsed = ipaddr.process(address);
  return Object.values(interfaces)
    .flatMap((infos) => infos ?? [])
    .some((own) =>
      parsed instanceof ipaddr.IPv6
        ? own.family === 'IPv6' && own.cidr !== null && parsed.match(ipaddr.IPv6.parseCIDR(own.cidr))
        : own.address === parsed.toString(),
    );
}
