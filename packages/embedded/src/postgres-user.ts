import { readFile } from 'node:fs/promises';

import { EmbeddedError } from './errors.ts';

/** Who runs Postgres, and the words to put before a command so that it runs as that user. */
export type PostgresUser = { name: string; runAs: { uid: number; gid: number } | null; prefix: string[] };

/**
 * Postgres refuses to run as root. Root hands it to `postgres`, or to `nobody` where that user does not exist
 * (initdb wants an entry in the password file). A checkout below a closed home such as /root would be out of
 * that user's reach, so the process keeps the one capability that opens paths, and no other.
 */
export async function choosePostgresUser(): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return { name: 'this user', runAs: null, prefix: [] };
  const entries = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const entry = ['postgres', 'nobody']
    .flatMap((name) => entries.filter((fields) => fields[0] === name))
    .at(0);
  if (!entry) {
    throw new EmbeddedError(
      'POSTGRES_FAILED',
      'Postgres cannot run as root, and there is no user postgres or nobody. Run Gantry as a normal user.',
    );
  }
  const [name = '', , uid = '', gid = ''] = entry;
  return {
    name: `the user ${name}`,
    runAs: { uid: Number(uid), gid: Number(gid) },
    prefix: [
      'setpriv',
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      '--bounding-set=-all,+dac_override',
      '--inh-caps=-all,+dac_override',
      '--ambient-caps=-all,+dac_override',
    ],
  };
}
