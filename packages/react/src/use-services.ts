import type { Service } from '@gantry/client';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';

import { useGantryClient } from './gantry-provider.tsx';

/** The services that can be picked. */
export function useServices(): UseQueryResult<Service[]> {
  const client = useGantryClient();
  return useQuery({ queryKey: ['gantry', 'services'], queryFn: client.services.list });
}
