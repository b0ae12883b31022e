import { expect, test } from 'vitest';
import { readHostName } from '../config/host-name.ts';
import { createHostRule } from './check-host.ts';

test.each([
  ['localhost:3001', 'localhost'],
  ['LocalHost.', 'localhost'],
  ['Gantry.Example.com:443', 'gantry.example.com'],
  ['127.0.0.1', '127.0.0.1'],
  ['[::1]:3001', '::1'],
  ['[0:0:0:0:0:0:0:1]', '::1'],
  ['[FE80::0:1]', 'fe80::1'],
])('%s is the name %s', (authority, name) => {
  expect(readHostName(authority)).toBe(name);
});

test.each([
  '',
  '.',
  'localhost:',
  'localhost:x',
  'a@localhost',
  'localhost/evil',
  'localhost,evil.example',
  'evil.example localhost',
  '::1',
  '[::1',
  '[fe80::1%25eth0]',
  '[::1].evil.example',
  'löcalhost',
])('%j is no name', (authority) => {
  expect(readHostName(authority)).toBeNull();
});

test('an address is good where the API listens on all of them, a name where a setting has it', () => {
  const settings = { host: '127.0.0.1', publicUrl: null, allowedHosts: [] };
  const inside = createHostRule(settings);
  expect(['localhost', '127.8.9.10', '::1'].map((name) => inside(name))).toEqual([true, true, true]);
  for (const name of ['192.168.1.2', '::2', '0.0.0.0', '127.1', '2130706433', '0x7f.0.0.1', 'evil.example'])
    expect(inside(name), name).toBe(false);
  for (const host of ['0.0.0.0', '::', '0:0:0:0:0:0:0:0']) {
    const everywhere = createHostRule({ ...settings, host });
    expect(['192.168.1.2', 'fe80::1', 'evil.example'].map((name) => everywhere(name))).toEqual([
      true,
      true,
      false,
    ]);
  }
  expect(inside('192.168.1.2', '192.168.1.2')).toBe(true);
  expect(inside('192.168.1.2', '::ffff:192.168.1.2')).toBe(true);
  expect(inside('192.168.1.2', '192.168.1.3')).toBe(false);
  expect(inside('evil.example', 'evil.example')).toBe(false);
  const named = createHostRule({
    host: 'gantry.lan',
    publicUrl: 'https://Gantry.Example.com:8443/app',
    allowedHosts: ['other.lan', 'other.lan:80', '10.0.0.7'],
  });
  const names = ['gantry.lan', 'gantry.example.com', 'other.lan', '10.0.0.7', 'example.com', '10.0.0.8'];
  expect(names.map((name) => named(name))).toEqual([true, true, true, true, false, false]);
});
