/** How live events keep their connections: a ping in silence, and for how long a client trusts in silence. */
export const SSE = {
  ping: { enabled: true, intervalMs: 15_000 },
  client: { reconnectAfterInactivityMs: 40_000 },
} as const;
