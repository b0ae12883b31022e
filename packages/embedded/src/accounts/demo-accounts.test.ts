import { expect, test } from 'vitest';

import { findOutsideAddress, isLoopback } from './demo-accounts.ts';

test.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost'])(
  '%s is reached from this machine alone',
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

test.each(['0.0.0.0', '::', '192.168.1.2', '10.0.0.1', '127.example.com', 'localhost.example.com', ''])(
  '%j is not',
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);

test.each([
  [{ host: '127.0.0.1' }, null],
  [{ host: '::1', publicUrl: 'http://[::1]:8080', allowedHosts: ['localhost'] }, null],
  [{ host: '127.0.0.1', publicUrl: 'http://localhost:8080/' }, null],
  [{ host: '0.0.0.0' }, 'HOST=0.0.0.0'],
  [{ host: '127.0.0.1', publicUrl: 'https://gantry.example.com' }, 'PUBLIC_URL=https://gantry.example.com'],
  [{ host: 'localhost', publicUrl: 'http://192.168.1.2' }, 'PUBLIC_URL=http://192.168.1.2'],
  [{ host: '127.0.0.1', allowedHosts: ['localhost', 'gantry.lan'] }, 'ALLOWED_HOSTS=gantry.lan'],
  // Many proxies ask under the name of this machine, whatever name they were asked for.
  [{ host: '127.0.0.1', trustedProxies: ['127.0.0.1'] }, 'TRUSTED_PROXIES=127.0.0.1'],
])('%j is reached from outside by %s', (reach, setting) => {
  expect(findOutsideAddress(reach)).toBe(setting);
});
