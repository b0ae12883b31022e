import { expect, test } from 'vitest';

import { clientOf } from './client-of.ts';

test.each([
  ['203.0.113.7', ['::ffff:203.0.113.7', '203.0.113.7:49152', '203.0.113.7:49153']],
  ['2001:db8:1:2::9', ['2001:db8:1:2:3:4:5:6', '[2001:db8:1:2::9]:443', '[2001:db8:1:2::a]']],
  ['unknown', ['_hidden', '', '[]:80', '999.1.1.1']],
])('%s and other ways in which a proxy may send it are one client', (ip, others) => {
  for (const other of others) expect(clientOf({ ip: other })).toBe(clientOf({ ip }));
});

test('other addresses are other clients', () => {
  const clients = ['203.0.113.7', '203.0.113.8', '2001:db8:1:2::9', '2001:db8:1:3::9', 'unknown'];
  expect(new Set(clients.map((ip) => clientOf({ ip }))).size).toBe(clients.length);
});
