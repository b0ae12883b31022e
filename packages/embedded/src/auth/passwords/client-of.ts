import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';

// Some reverse proxies send the port along: 203.0.113.7:49152, [2001:db8::1]:443.
const WITH_PORT = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/;

/**
 * Who is counted as one client: an IPv4 address, or the network of 64 bits that a host on IPv6 has to itself. All of whom a
 * proxy says something that is no address are one client.
 */
export function clientOf({ ip }: Pick<FastifyRequest, 'ip'>): string {
  const [, v6, v4] = WITH_PORT.exec(ip) ?? [];
  const text = v6 ?? v4 ?? ip;
  if (!ipaddr.isValid(text)) return 'unknown';
  const address = ipaddr.process(text);
  return address instanceof ipaddr.IPv6 ? `${address.parts.slice(0, 4).join(':')}::/64` : address.toString();
}
