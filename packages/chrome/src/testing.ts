import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Where tests and benches of the whole repository unpack the browser, once. Each user of the machine has a directory. */
export const TEST_CACHE_DIR = join(tmpdir(), `gantry-test-browser-${userInfo().username}`);
