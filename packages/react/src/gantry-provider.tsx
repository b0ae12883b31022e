import type { GantryClient } from '@gantry/client';
import { createContext, type ReactNode, useContext } from 'react';

const ClientContext = createContext<GantryClient | null>(null);

/** Gives the components and hooks below it their client. They also need a `QueryClientProvider` of TanStack Query. */
export function GantryProvider({ client, children }: { client: GantryClient; children: ReactNode }) {
  return <ClientContext value={client}>{children}</ClientContext>;
}

/** The client of the nearest {@link GantryProvider}. @throws {Error} if there is none */
export function useGantryClient(): GantryClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error('Put a <GantryProvider client={…}> around this component.');
  return client;
}
