import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';

/** Who is counted as one client: an IPv4 address, or the network of 64 bits that a host on IPv6 has to itself. */
export function clientOf({ ip }: Pick<FastifyRequest, 'ip'>): string {
  const address = ipaddr.process(ip);
  return address instanceof ipaddr.IPv6 ? `${address.parts.slice(0, 4).join(':')}::/64` : address.toString();
}
