import { checkUrl, type EgressPolicy } from '@gantry/chrome';
import { z } from 'zod';

import { type Automation, defineAutomation } from '../define-automation.ts';
import { portAnswer } from './port-answer.ts';
import { type PortSettings, trackContainers } from './track-containers.ts';

const NAMES = [
  'Container',
  'Container No',
  'Container Number',
  'Cntr',
  'Cntr No',
  'Cont No',
  'Container ID',
  'Box No',
];

/** Looks up where containers are at the port of Chattogram (Chittagong). */
export function createCtgPortTracking(settings: PortSettings): Automation {
  return defineAutomation({
    id: 'ctg-port-tracking',
    name: 'CTG Port Authority Tracking',
    description:
      'Finds where your containers are at the port of Chattogram: location, yard, block, time in and time out, one search for each number of your list.',
    category: 'Ports',
    version: '1',
    input: z.strictObject({}),
    answer: portAnswer,
    file: {
      required: true,
      formats: ['csv', 'xlsx'],
      maxBytes: 10_000_000,
      maxRows: 5_000,
      keyColumn: 'container',
      columns: [
        { key: 'container', label: 'Container number', aliases: NAMES, format: 'iso6346', required: true },
      ],
    },
    // 300 rows at the port's slowest take that long, and a retry continues where it was.
    timeoutMs: 4 * 3_600_000,
    egress: egressTo(settings.baseUrl),
    run: (context) => trackContainers(context, settings),
  });
}

/** The port's host and nothing else. A setting may point it at a port inside the own network. */
function egressTo(baseUrl: string): EgressPolicy {
  const { origin, hostname } = new URL(baseUrl);
  try {
    checkUrl(baseUrl, { allowPublic: true, allowPrivateOrigins: [] });
    return { allowPublic: [hostname], allowPrivateOrigins: [] };
  } catch {
    return { allowPublic: false, allowPrivateOrigins: [origin] };
  }
}
