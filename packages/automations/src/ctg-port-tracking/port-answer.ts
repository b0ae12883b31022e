import { z } from 'zod';

const text = (title: string) => z.string().optional().meta({ title });

/** What the port knows of a container, in the words of its page. */
export const portAnswer = z.object({
  location: text('Location'),
  yard: text('Yard'),
  block: text('Block'),
  timeIn: text('Time in'),
  timeOut: text('Time out'),
  lastPosition: text('Last position'),
  destination: text('Destination'),
  offDockName: text('Off-dock name'),
  size: text('Size'),
  height: text('Height'),
  freightKind: text('Freight kind'),
  description: text('Description'),
  containerNumber: text('Container number at the port'),
  notice: text('Notice'),
  other: z.record(z.string(), z.string()).optional().meta({ title: 'Other' }),
});
