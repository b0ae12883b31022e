import { type Db, runForOne } from '../db/run-query.ts';

/** Whether it is this process's turn to do what one process does for all: true once in each interval. */
export async function beginRound(db: Db, name: 'sweep', intervalMs: number): Promise<boolean> {
  const { isMine } = await runForOne<{ isMine: boolean }>(db, {
    text: 'select gantry.begin_round($1, $2) as "isMine"',
    values: [name, intervalMs],
  });
  return isMine;
}
