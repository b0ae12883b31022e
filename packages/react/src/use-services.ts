import type { Service } from '@gantry/client';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';

import { useGantry } from './gantry-provider.tsx';

/** The services that can be picked. */
export function useServices(): UseQueryResult<Service[]> {
  const { client, scope } = useGantry();
  return useQuery({ queryKey: ['gantry', 'services', scope], queryFn: client.services.list });
}
