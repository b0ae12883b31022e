/** Runs something so many times, as many at a time as there are places. */
export async function runInTurns(
  o: { places: number; count: number },
  run: () => Promise<void>,
): Promise<void> {
  let started = 0;
  const take = async () => {
    while (started++ < o.count) await run();
  };
  await Promise.all(Array.from({ length: o.places }, take));
}
