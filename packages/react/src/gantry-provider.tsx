import type { GantryClient } from '@gantry/client';
import { createContext, type ReactNode, useContext, useMemo } from 'react';

/** A client, and whose answers it brings. */
export type Gantry = {
  client: GantryClient;
  /** Whose answers are cached: the last part of every query key. */
  scope: { client: number; userId: string | null };
};

const GantryContext = createContext<Gantry | null>(null);

const clientNumbers = new WeakMap<GantryClient, number>();
let clients = 0;

/**
 * Gives the components and hooks below it their client. They also need a `QueryClientProvider` of TanStack Query.
 *
 * @param o.userId who is signed in: what was cached for one user is not shown to the next
 */
export function GantryProvider({
  client,
  userId = null,
  children,
}: {
  client: GantryClient;
  userId?: string | null;
  children: ReactNode;
}) {
  const gantry = useMemo(() => ({ client, scope: { client: numberOf(client), userId } }), [client, userId]);
  // React 18 has no context that is a component itself.
  return <GantryContext.Provider value={gantry}>{children}</GantryContext.Provider>;
}

/** The client of the nearest {@link GantryProvider}. @throws {Error} if there is none */
export function useGantryClient(): GantryClient {
  return useGantry().client;
}

/** The client, and whose answers are cached. @throws {Error} without a {@link GantryProvider} */
export function useGantry(): Gantry {
  const gantry = useContext(GantryContext);
  if (!gantry) throw new Error('Put a <GantryProvider client={…}> around this component.');
  return gantry;
}

function numberOf(client: GantryClient): number {
  const number = clientNumbers.get(client) ?? ++clients;
  clientNumbers.set(client, number);
  return number;
}
