import type { Contender } from '../contender.ts';
import { crawlee } from './crawlee.ts';
import { gantry, gantryCold } from './gantry.ts';
import { clusterBrowser, clusterContext } from './puppeteer-cluster.ts';
import { sharedBrowser } from './shared-browser.ts';

/** Those that are compared: the product with its warm browsers and without, its peers, and a ceiling. */
export const CONTENDERS: Record<string, Contender> = {
  gantry,
  'gantry-cold': gantryCold,
  'cluster-context': clusterContext,
  'cluster-browser': clusterBrowser,
  crawlee,
  bare: sharedBrowser,
};

/** @throws {Error} if there is none of this name */
export function findContender(id: string): Contender {
  const contender = CONTENDERS[id];
  if (!contender) throw new Error(`There is no contender "${id}".`);
  return contender;
}
