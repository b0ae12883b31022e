import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { checkDatabase, createServicePool } from '../../src/index.ts';
import { createFixture, type Fixture } from '../fixture.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const MIGRATIONS = join(import.meta.dirname, '../../../../supabase/migrations');

/** Gives the test server a certificate of an authority of its own, and turns TLS on. */
async function encrypt(f: Fixture) {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-tls-'));
  await chmod(directory, 0o755);
  const file = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', file(`${name}.key`)];
  openssl('req', '-x509', ...newKey('ca'), '-subj', '/CN=Test CA', '-days', '2', '-out', file('ca.crt'));
  openssl('req', ...newKey('server'), '-subj', '/CN=server', '-out', file('server.csr'));
  await writeFile(file('names'), 'subjectAltName=IP:127.0.0.1');
  const signed = [
    '-CA',
    file('ca.crt'),
    '-CAkey',
    file('ca.key'),
    '-CAcreateserial',
    '-extfile',
    file('names'),
  ];
  openssl('x509', '-req', '-in', file('server.csr'), ...signed, '-days', '2', '-out', file('server.crt'));
  const { rows } = await f.asOwner('show data_directory');
  const { uid, gid } = await stat(rows[0].data_directory);
  await chmod(file('server.key'), 0o600);
  await chown(file('server.key'), uid, gid);
  const set = (name: string, value: string) => f.asOwner(`alter system set ${name} = '${value}'`);
  await set('ssl_cert_file', file('server.crt'));
  await set('ssl_key_file', file('server.key'));
  await set('ssl', 'on');
  await f.asOwner('select pg_reload_conf()');
  await expect.poll(async () => (await f.asOwner('show ssl')).rows[0].ssl).toBe('on');
  return {
    ca: file('ca.crt'),
    async [Symbol.asyncDispose]() {
      for (const name of ['ssl', 'ssl_cert_file', 'ssl_key_file'])
        await f.asOwner(`alter system reset ${name}`);
      await f.asOwner('select pg_reload_conf()');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

describe.skipIf(!hasOpenssl)('a server with a certificate of its own (skipped without openssl)', () => {
  test('is reached as libpq would, by what sslmode says', async () => {
    await using f = await createFixture();
    await using tls = await encrypt(f);
    const at = (mode: string, root?: string, host = '127.0.0.1') => {
      const url = new URL(f.database.databaseUrl);
      url.hostname = host;
      url.searchParams.delete('host');
      url.searchParams.set('sslmode', mode);
      if (root) url.searchParams.set('sslrootcert', root);
      return url.href;
    };
    const isEncrypted = async (url: string) => {
      const pool = createServicePool({ databaseUrl: url, applicationName: 'tls', max: 1 });
      await pool.query('select');
      const { rows } = await f.asOwner(
        `select s.ssl from pg_stat_ssl s join pg_stat_activity a using (pid)
         where a.datname = current_database() and a.application_name = 'tls'`,
      );
      await pool.end();
      return rows[0].ssl;
    };
    expect(await isEncrypted(at('disable'))).toBe(false);
    for (const url of [
      at('require'),
      at('no-verify'),
      at('verify-full', tls.ca),
      at('verify-ca', tls.ca, 'localhost'),
    ]) {
      expect(await isEncrypted(url)).toBe(true);
      expect(await checkDatabase(url, MIGRATIONS)).toEqual([]);
    }
    for (const url of [at('verify-full'), at('verify-full', tls.ca, 'localhost')]) {
      await expect(checkDatabase(url, MIGRATIONS)).rejects.toThrow(
        /^DATABASE_URL: the certificate of the server was refused .*sslrootcert.*sslmode=require/,
      );
    }
  });
});
