// A process that takes a part of a browser that runs elsewhere, and keeps it until it is killed.
import { openRemotePool } from '../src/index.ts';
import { OWNER } from './fixture.ts';

const [endpoint = '', rootDir = ''] = process.argv.slice(2);
const pool = await openRemotePool({ endpoint, rootDir });
await pool.take({ owner: OWNER, egress: { allowPublic: false, allowPrivateOrigins: [] } });
process.stdout.write('taken');
