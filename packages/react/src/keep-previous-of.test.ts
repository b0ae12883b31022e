import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test } from 'vitest';

import { keepPreviousOf } from './keep-previous-of.ts';

test('the page before stays while the next one loads, but not when the user changes', async () => {
  const queries = new QueryClient();
  const optionsOf = (page: number, userId: string, answer: Promise<string>) => {
    const scope = { client: 1, userId };
    return { queryKey: ['jobs', page, scope], queryFn: () => answer, placeholderData: keepPreviousOf(scope) };
  };
  const never = new Promise<string>(() => {});
  const observer = new QueryObserver(queries, optionsOf(1, 'ada', Promise.resolve("Ada's jobs")));
  const stop = observer.subscribe(() => {});
  await expect.poll(() => observer.getCurrentResult().data).toBe("Ada's jobs");
  observer.setOptions(optionsOf(2, 'ada', never));
  expect(observer.getCurrentResult().data).toBe("Ada's jobs");
  observer.setOptions(optionsOf(2, 'bob', never));
  expect(observer.getCurrentResult()).toMatchObject({ data: undefined, isPending: true });
  stop();
  queries.clear();
});
