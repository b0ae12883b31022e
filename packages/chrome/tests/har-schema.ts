import { z } from 'zod';

// HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/). Names that begin with an underscore are free.
const text = z.string();
const size = z.int().min(-1);
const time = z.number().min(0);
const optionalTime = z.union([z.literal(-1), time]);
const comment = text.optional();
const pair = z.strictObject({ name: text, value: text, comment });
const cookie = z.strictObject({ name: text, value: text, comment });

const entry = z.strictObject({
  pageref: text.optional(),
  startedDateTime: z.iso.datetime(),
  time,
  request: z.strictObject({
    method: text,
    url: z.url(),
    httpVersion: text,
    cookies: z.array(cookie),
    headers: z.array(pair),
    queryString: z.array(pair),
    postData: z.strictObject({ mimeType: text, text, comment }).optional(),
    headersSize: size,
    bodySize: size,
    comment,
  }),
  response: z.strictObject({
    status: z.int().min(0),
    statusText: text,
    httpVersion: text,
    cookies: z.array(cookie),
    headers: z.array(pair),
    content: z.strictObject({ size, mimeType: text, text: text.optional(), comment }),
    redirectURL: text,
    headersSize: size,
    bodySize: size,
    comment,
  }),
  cache: z.strictObject({}),
  timings: z.strictObject({
    blocked: optionalTime,
    dns: optionalTime,
    connect: optionalTime,
    ssl: optionalTime,
    send: time,
    wait: time,
    receive: time,
  }),
  comment,
});

/** What HAR 1.2 asks of a log. */
export const harSchema = z.strictObject({
  log: z
    .strictObject({
      version: z.literal('1.2'),
      creator: z.strictObject({ name: text, version: text }),
      pages: z.array(
        z.strictObject({
          startedDateTime: z.iso.datetime(),
          id: text,
          title: text,
          pageTimings: z.strictObject({}),
        }),
      ),
      entries: z.array(entry),
      comment,
    })
    .refine(({ pages, entries }) => {
      const ids = new Set(pages.map(({ id }) => id));
      return ids.size === pages.length && entries.every(({ pageref }) => !pageref || ids.has(pageref));
    }),
});
