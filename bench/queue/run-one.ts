// One measurement of one contender, in a process of its own: event loops do not mix.
import { z } from 'zod';

import { findContender } from './contenders/index.ts';
import { FULL, MEASURES, QUICK } from './measures.ts';
import { openCostMeter } from './server-costs.ts';

const argsSchema = z.tuple([z.string(), z.string(), z.enum(['full', 'quick']), z.string(), z.string()]);
const [id, measure, size, app, auth] = argsSchema.parse(process.argv.slice(2));
const run = MEASURES[measure];
if (!run) throw new Error(`There is no measure "${measure}".`);
await using meter = await openCostMeter(app);
await using queue = await findContender(id).open({ app, auth });
const figures = await run(queue, size === 'full' ? FULL : QUICK, meter);
process.stdout.write(JSON.stringify(figures));
