import { type Db, runQuery } from '../db/run-query.ts';

const PAGE = 1_000;

/** Lists the files of a bucket of Supabase Storage by name; others may add and delete meanwhile. */
export async function* listObjects(
  db: Db,
  bucketId: string,
): AsyncGenerator<{ key: string; createdAt: Date }> {
  let last = '';
  for (;;) {
    const page = await runQuery<{ key: string; createdAt: Date }>(db, {
      text: `select name as key, created_at as "createdAt" from storage.objects
        where bucket_id = $1 and name > $2 order by name limit $3`,
      values: [bucketId, last, PAGE],
    });
    yield* page;
    if (page.length < PAGE) return;
    last = page.at(-1)?.key ?? last;
  }
}
