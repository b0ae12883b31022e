import type pg from 'pg';

/**
 * A pool that loses the first answer to a prepared statement: it is carried out, and then the connection breaks.
 *
 * @param meanwhile what happens before anybody can ask again
 */
export function loseFirstAnswer(
  pool: pg.Pool,
  statement: string,
  meanwhile: () => Promise<unknown> = async () => {},
): { pool: pg.Pool; isLost: () => boolean } {
  let isLost = false;
  const query = async (asked: { name?: string; text: string }) => {
    const answer = await pool.query(asked);
    if (isLost || asked.name !== statement) return answer;
    isLost = true;
    await meanwhile();
    throw new Error('Connection terminated unexpectedly');
  };
  const proxy = new Proxy(pool, {
    get: (target, key) => (key === 'query' ? query : Reflect.get(target, key)),
  });
  return { pool: proxy, isLost: () => isLost };
}
