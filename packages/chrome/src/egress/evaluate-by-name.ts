import { ChromeError } from '../chrome-error.ts';
import { blocked, checkTarget, type EgressPolicy } from './egress-policy.ts';
import { isLocal } from './local-schemes.ts';

const DEFAULT_PORTS: Record<string, number> = { 'http:': 80, 'https:': 443, 'ws:': 80, 'wss:': 443 };

/** Host and port that a URL leads to; null for one that leads to none, like `about:blank`. */
export function targetOf(text: string): { hostname: string; port: number } | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !(url.protocol in DEFAULT_PORTS)) return null;
  return { hostname: url.hostname, port: Number(url.port || DEFAULT_PORTS[url.protocol]) };
}

/** What a policy says of a URL by its words alone: what a name resolves to is not looked up. Null if it may be opened. */
export function evaluateByName(text: string, policy: EgressPolicy): ChromeError | null {
  if (URL.canParse(text) && isLocal(new URL(text))) {
    return blocked('Only addresses that begin with http:// or https:// can be opened.');
  }
  const target = targetOf(text);
  try {
    if (target) checkTarget(target, policy);
    return null;
  } catch (error) {
    if (error instanceof ChromeError) return error;
    throw error;
  }
}
