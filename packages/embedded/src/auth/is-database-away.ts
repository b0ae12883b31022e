/**
 * Whether a query failed because of the state of the database, and not because of the query: the connection was refused,
 * lost (class 08) or closed by a server that stops or starts (57P), there are too many (53), the server can only be read
 * (25006), or a lock or the time for a statement ran out (40, 55P03, 57014).
 */
export function isDatabaseAway(error: Error): boolean {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /^(?:08|57P|53|25006|40|55P03|57014|E[A-Z]+$)/.test(code) || WITHOUT_CODE.test(error.message);
}

/** What node-postgres reports without a code. */
const WITHOUT_CODE =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed)/;
