// One measurement of one contender, in a process of its own.
import { findContender } from './contenders/index.ts';
import type { Order } from './lab.ts';
import { FULL, MEASURES, QUICK } from './measures.ts';

const order: Order = JSON.parse(process.argv[2] ?? '{}');
const measure = MEASURES[order.measure];
if (!measure) throw new Error(`There is no measure "${order.measure}".`);
const { concurrency } = measure;
await using contender = await findContender(order.contender).open({ ...order, concurrency });
const figures = await measure.run(contender, order.origin, order.size === 'full' ? FULL : QUICK);
process.stdout.write(JSON.stringify(figures));
