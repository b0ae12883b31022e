import type { JsonObject } from '@gantry/contract';
import { z } from 'zod';

/** An input is stored and shown: these addresses may hold no user name and password. Those of others are part of them. */
const WEB = new Set(['http', 'https']);
const PROTOCOLS = ['http', 'https', 'ftp', 'ftps', 'sftp', 'ws', 'wss', 'mailto', 'tel'];

/** No `@` before the path (WHATWG URL, authority state; `\` counts as `/`). */
const NO_CREDENTIALS = String.raw`(?![/\\]*[^/\\?#]*@)`;

/**
 * The JSON Schema of an input, which the API checks a submission against and the web app draws a form from.
 *
 * JSON Schema has no word for the protocols of an address: they become a `pattern`, with the `errorMessage` to say when it
 * does not match.
 */
export function toInputSchema(input: z.ZodType): JsonObject {
  const schema = z.toJSONSchema(input, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (!(zodSchema instanceof z.ZodURL)) return;
      const { protocol } = zodSchema._zod.def;
      const allowed = PROTOCOLS.filter((name) => protocol?.test(name));
      if (allowed.length === 0) return;
      const isWeb = allowed.every((name) => WEB.has(name));
      jsonSchema.pattern = `^\\s*(${allowed.map(inAnyCase).join('|')}):${isWeb ? NO_CREDENTIALS : ''}`;
      const condition = isWeb ? ', without a user name or password' : '';
      jsonSchema['errorMessage'] =
        `Give an address that begins with ${allowed.map(begin).join(' or ')}${condition}`;
    },
  });
  return JSON.parse(JSON.stringify(schema));
}

/** A pattern of JSON Schema has no flags. */
function inAnyCase(name: string): string {
  return name.replaceAll(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
}

function begin(name: string): string {
  return name === 'mailto' || name === 'tel' ? `${name}:` : `${name}://`;
}
