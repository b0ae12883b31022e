import { checkUrl } from '@gantry/chrome';
import { z } from 'zod';

import { type Automation, defineAutomation } from '../define-automation.ts';
import { capturePages } from './capture-pages.ts';
import { pageAnswer } from './page-answer.ts';

const MAX_URLS = 50;

const input = z.strictObject({
  urls: z
    .array(z.url({ protocol: /^https?$/ }))
    .max(MAX_URLS)
    .default([])
    .meta({ title: 'Web addresses', description: 'One on each line; or attach a list.' }),
  formats: z
    .array(z.enum(['pdf', 'png']))
    .min(1)
    .max(2)
    .default(['pdf', 'png'])
    .meta({ title: 'Keep as' }),
  viewport: z.enum(['desktop', 'phone']).default('desktop').meta({ title: 'Seen on a' }),
});

/** Keeps web pages as PDF and picture. `allowPrivateOrigins` is for sites of one's own network. */
export function createPageCapture(settings: { allowPrivateOrigins: string[] }): Automation {
  const egress = { allowPublic: true, allowPrivateOrigins: settings.allowPrivateOrigins };
  return defineAutomation({
    id: 'page-capture',
    name: 'Page capture',
    description:
      'Keeps web pages as they are today: a PDF and a full-page picture of each address of your list.',
    category: 'Web',
    version: '1',
    input,
    answer: pageAnswer,
    file: {
      required: false,
      formats: ['csv', 'xlsx'],
      maxBytes: 1_000_000,
      maxRows: 500,
      keyColumn: 'url',
      columns: [
        {
          key: 'url',
          label: 'URL',
          aliases: ['Address', 'Link', 'Web address', 'Website', 'Page'],
          format: 'url',
          required: true,
        },
      ],
    },
    timeoutMs: 3_600_000,
    egress,
    outlivesBrowser: true,
    run: (context) => capturePages(context, (url) => checkUrl(url, egress)),
  });
}
