// A contender in the midst of a job, to be killed. Ends with its parent if it is not.
import { findContender } from './contenders/index.ts';
import type { Order } from './lab.ts';

process.once('disconnect', () => process.exit());
const order: Order = JSON.parse(process.argv[2] ?? '{}');
const contender = await findContender(order.contender).open({ ...order, concurrency: 1 });
await contender.runAll(1, {
  url: order.origin,
  async work() {
    await contender.rest?.();
    process.send?.('at work');
    await new Promise(() => {});
  },
});
