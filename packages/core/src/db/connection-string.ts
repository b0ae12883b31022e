/** How a connection is protected on its way: `verified` also proves which server answers. */
export type Encryption = 'local' | 'none' | 'unverified' | 'verified';

/**
 * A database URL for node-postgres, with TLS as libpq means it: `sslmode=require` encrypts and checks no certificate unless
 * `sslrootcert` names one. A server elsewhere is asked for TLS where the URL says nothing; libpq would take what it gets.
 */
export function toConnectionString(databaseUrl: string): string {
  const url = parse(databaseUrl);
  if (!url) return databaseUrl;
  const mode = sslModeOf(url);
  if (mode === null) return databaseUrl;
  url.searchParams.set('sslmode', mode);
  // node-postgres would check certificates for `require` too. It does not know this switch together with `no-verify`.
  if (mode !== 'no-verify') url.searchParams.set('uselibpqcompat', 'true');
  return url.href;
}

/** What a database URL promises about its connections. */
export function encryptionOf(databaseUrl: string): Encryption {
  const url = parse(databaseUrl);
  if (!url || isLocal(url)) return 'local';
  const mode = sslModeOf(url);
  if (mode === 'disable') return 'none';
  const hasRoot = url.searchParams.has('sslrootcert');
  return mode === 'verify-full' || mode === 'verify-ca' || (mode === 'require' && hasRoot)
    ? 'verified'
    : 'unverified';
}

/** Each parameter once, the last as node-postgres reads them. An empty one says nothing: its variable was not set. */
function parse(databaseUrl: string): URL | null {
  const url = URL.parse(databaseUrl);
  if (!url?.search) return url;
  for (const [name, value] of new Map(url.searchParams)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  return url;
}

/** Null: nothing is said, and nothing is needed. */
function sslModeOf(url: URL): string | null {
  const { searchParams } = url;
  const mode = searchParams.get('sslmode');
  if (mode !== null) return mode === 'allow' ? 'prefer' : mode;
  const ssl = searchParams.get('ssl');
  if (ssl !== null) return ssl === '0' || ssl === 'false' ? 'disable' : 'verify-full';
  if (searchParams.has('sslrootcert')) return 'verify-full';
  return isLocal(url) ? null : 'require';
}

function isLocal({ hostname, searchParams }: URL): boolean {
  const host = searchParams.get('host') || hostname;
  return (
    host === '' || host.startsWith('/') || /^(localhost|.+\.localhost|127\.[\d.]+|\[?::1\]?)$/i.test(host)
  );
}
