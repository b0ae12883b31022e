// Writes the sample lists of the repository: `pnpm --filter @gantry/automations examples`.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { longList, smallList } from './sample-lists.ts';

const directory = join(import.meta.dirname, '../../../examples');
await writeFile(join(directory, 'fcr_numbers.csv'), smallList());
await writeFile(join(directory, 'fcr_numbers_300.csv'), longList());
