import type { NetworkInterfaceInfo } from 'node:os';

import { expect, test } from 'vitest';

import { isOwnAddress } from './is-own-address.ts';

const rest = { netmask: '', mac: '00:00:00:00:00:00', internal: false };
const interfaces: Record<string, NetworkInterfaceInfo[]> = {
  eth0: [
    { ...rest, family: 'IPv4', address: '93.184.216.34', cidr: '93.184.216.34/24' },
    { ...rest, family: 'IPv6', address: '2a00:1450:4001::5', cidr: '2a00:1450:4001::5/64', scopeid: 0 },
    { ...rest, family: 'IPv6', address: 'fe80::1', cidr: null, scopeid: 2 },
  ],
};

test.for(['93.184.216.34', '::ffff:93.184.216.34', '2a00:1450:4001::5', '2a00:1450:4001::1'])(
  '%s is of this machine or its network',
  (address) => {
    expect(isOwnAddress(address, interfaces)).toBe(true);
  },
);

test.for(['93.184.216.35', '2a00:1450:4001:1::5', '8.8.8.8'])('%s is of others', (address) => {
  expect(isOwnAddress(address, interfaces)).toBe(false);
});

test('knows the addresses of this machine by itself', () => {
  expect(isOwnAddress('127.0.0.1')).toBe(true);
});
