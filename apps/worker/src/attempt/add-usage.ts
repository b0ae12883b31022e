import type { SessionUsage } from '@gantry/chrome';

/** What two browsers of one attempt have cost, one after the other. */
export function addUsage(first: SessionUsage | null, second: SessionUsage | null): SessionUsage | null {
  if (!first || !second) return first ?? second;
  return {
    isWarm: first.isWarm,
    launchMs: first.launchMs,
    handOverMs: first.handOverMs,
    closeMs: second.closeMs,
    peakMemoryBytes: Math.max(first.peakMemoryBytes ?? 0, second.peakMemoryBytes ?? 0) || null,
    cpuMs: sum(first.cpuMs, second.cpuMs),
    requests: sum(first.requests, second.requests),
    bytesReceived: sum(first.bytesReceived, second.bytesReceived),
    bytesSent: sum(first.bytesSent, second.bytesSent),
  };
}

function sum(one: number | null, other: number | null): number | null {
  return one === null && other === null ? null : (one ?? 0) + (other ?? 0);
}
