import { hashKey, type Query } from '@tanstack/react-query';

import type { Gantry } from './gantry-provider.tsx';

/** What was shown before stays while the next is loaded, unless it is what another user saw. The scope ends the query key. */
export function keepPreviousOf(scope: Gantry['scope']) {
  return <Data>(previous: Data | undefined, query: Pick<Query, 'queryKey'> | undefined): Data | undefined =>
    query && hashKey([query.queryKey.at(-1)]) === hashKey([scope]) ? previous : undefined;
}
