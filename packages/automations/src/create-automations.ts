import { createCtgPortTracking } from './ctg-port-tracking/ctg-port-tracking.ts';
import type { PortSettings } from './ctg-port-tracking/track-containers.ts';
import type { Automation } from './define-automation.ts';
import { createPageCapture } from './page-capture/page-capture.ts';

/** Settings of the automations. */
export type AutomationSettings = {
  ctgPort: PortSettings;
  pageCapture: { allowPrivateOrigins: string[] };
};

/** The automations that ship with Gantry. A new one is added here and nowhere else. */
export function createAutomations(settings: AutomationSettings): Automation[] {
  return [createCtgPortTracking(settings.ctgPort), createPageCapture(settings.pageCapture)];
}
