import { expect, test } from 'vitest';

import { isLoopback } from './demo-accounts.ts';

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
