import { z } from 'zod';

import { artifactName } from '../answer-columns.ts';

/** What is kept of a page. */
export const pageAnswer = z.object({
  title: z.string().meta({ title: 'Title' }),
  finalUrl: z.url().meta({ title: 'Final URL' }),
  httpStatus: z.int().nullable().meta({ title: 'HTTP status' }),
  pdf: artifactName().optional().meta({ title: 'PDF' }),
  png: artifactName().optional().meta({ title: 'Picture' }),
  note: z.string().optional().meta({ title: 'Note' }),
});
