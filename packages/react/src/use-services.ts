import { useQuery } from '@tanstack/react-query';

import { useGantryClient } from './gantry-provider.tsx';

/** The services that can be picked. */
export function useServices() {
  const client = useGantryClient();
  return useQuery({ queryKey: ['gantry', 'services'], queryFn: client.services.list });
}
