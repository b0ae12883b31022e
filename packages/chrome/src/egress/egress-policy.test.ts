import { describe, expect, test } from 'vitest';

import { checkUrl, isPublicAddress } from './egress-policy.ts';

describe('checkUrl', () => {
  const policy = { allowPublic: true, allowPrivateOrigins: ['http://127.0.0.1:8080'] };

  test.for([
    'http://127.0.0.1',
    'http://127.1',
    'http://2130706433',
    'http://0x7f.1',
    'http://0177.0.0.1',
    'http:127.0.0.1',
    'http:\\\\127.0.0.1',
    'http://①②⑦.⓪.⓪.①',
    'http://127。0。0。1',
    'http://0/',
    'http://0.0.0.0',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://[::ffff:7f00:1]',
    'http://[::127.0.0.1]',
    'http://[64:ff9b::7f00:1]',
    'http://169.254.169.254',
    'http://0xA9FEA9FE',
    'http://⑯⑨。②⑤④。⑯⑨。②⑤④',
    'http://[fd00:ec2::254]',
    'http://100.100.100.200',
    'http://metadata.google.internal',
    'http://metadata.google.internal.',
    'http://localhost',
    'http://LOCALHOST',
    'http://localhost.',
    'http://foo.localhost',
    'http://printer.local',
    'http://db',
    'http://kubernetes.default.svc',
    'file:///etc/passwd',
    'FILE://localhost/',
    'view-source:http://example.com',
    'chrome://version',
    'devtools://devtools/bundled/inspector.html',
    'about:blank',
    'data:text/html,hi',
    'blob:http://example.com/1',
    'javascript:alert(1)',
    'filesystem:http://example.com/temporary/x',
    'intent://example.com',
    'ftp://example.com',
    'ws://example.com',
    'http://user:pass@example.com',
    'http://example.com@127.0.0.1',
    'http://127.0.0.1#@example.com',
    'http://127.0.0.1%2f@example.com',
    'http://example.com:22',
    'http://example.com:25',
    'http://example.com:5432',
    'http://example.com:9222',
    'http://example.com:0',
    'http://example.com:65536',
    'http://127.0.0.1:8081',
    'https://127.0.0.1',
    'no url',
    '',
  ])('refuses %s', (url) => {
    expect(() => checkUrl(url, policy)).toThrow(
      expect.objectContaining({ name: 'ChromeError', code: 'BLOCKED_URL' }),
    );
  });

  test.for([
    ['https://example.com/a?b#c', 'https://example.com/a?b#c'],
    ['http://example.com', 'http://example.com/'],
    ['http://example.com\\@127.0.0.1', 'http://example.com/@127.0.0.1'],
    ['https://example.com:443', 'https://example.com/'],
    ['http://93.184.216.34/', 'http://93.184.216.34/'],
    ['http://[2606:4700::1111]/', 'http://[2606:4700::1111]/'],
    ['http://127.0.0.1:8080/x', 'http://127.0.0.1:8080/x'],
  ])('allows %s', ([url, href]) => {
    expect(checkUrl(url ?? '', policy).href).toBe(href);
  });

  test('keeps a service to the hosts that it declares', () => {
    const declared = { allowPublic: ['example.com'], allowPrivateOrigins: [] };
    expect(checkUrl('https://example.com/', declared).hostname).toBe('example.com');
    expect(checkUrl('https://www.example.com/', declared).hostname).toBe('www.example.com');
    for (const url of ['https://badexample.com/', 'https://example.com.evil.org/']) {
      expect(() => checkUrl(url, declared)).toThrow();
    }
    expect(() => checkUrl('https://example.com/', { ...declared, allowPublic: false })).toThrow();
  });
});

describe('isPublicAddress', () => {
  test.for([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '168.63.129.16',
    '::ffff:168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '192.0.0.192',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '5f00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'example.com',
    '',
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.for(['8.8.8.8', '93.184.216.34', '::ffff:8.8.8.8', '2606:4700::1111', '2a00:1450:4001::1'])(
    '%s is',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});
