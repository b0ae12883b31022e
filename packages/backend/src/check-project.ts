import { z } from 'zod';

import type { ProjectSettings } from './read-project.ts';

const TIMEOUT_MS = 5_000;
const BUCKET = 'gantry';

const answerSchema = z.looseObject({
  public: z.boolean().optional(),
  statusCode: z.coerce.string().optional(),
  message: z.string().optional(),
});

type Init = { method?: string; body?: string; headers?: Record<string, string> };

/** `said`: the status, and the one in the body: Storage answers 400 to most things. */
type Answer = { said: Set<string>; body: z.infer<typeof answerSchema> | null; describe: string };

/**
 * Tries the keys of a project on the project itself: whether Storage and Auth accept them, and whether the bucket of the
 * files is there and private. A bucket that is missing is created.
 *
 * @param o.publishableKey only the API has one
 * @returns what could not be checked because it does not answer now, as sentences for the log
 * @throws {Error} one line that names the variable and holds no key
 */
export async function checkProject(o: ProjectSettings & { publishableKey?: string }): Promise<string[]> {
  const checks = await Promise.all([
    checkStorage(o),
    o.publishableKey ? checkAuth(o, o.publishableKey) : null,
  ]);
  return checks.filter((warning) => warning !== null);
}

async function checkStorage({ url, secretKey }: ProjectSettings): Promise<string | null> {
  const ask = (path: string, init: Init = {}) => request(`${url}/storage/v1/${path}`, secretKey, init);
  let bucket = await ask(`bucket/${BUCKET}`);
  if (bucket.said.has('404') && bucket.body) {
    const body = JSON.stringify({ id: BUCKET, name: BUCKET, public: false });
    const made = await ask('bucket', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    refuseKey('SUPABASE_SECRET_KEY', made);
    bucket = await ask(`bucket/${BUCKET}`);
    if (bucket.said.has('404')) {
      throw new Error(
        `SUPABASE_URL: the project has no bucket "${BUCKET}". Create a private one of this name in Storage.`,
      );
    }
  }
  refuseKey('SUPABASE_SECRET_KEY', bucket);
  if (bucket.body?.public) {
    throw new Error(
      `SUPABASE_URL: the bucket "${BUCKET}" of the project is public, so everyone could read its files. Make it private in Storage.`,
    );
  }
  return unlessAnswered('SUPABASE_URL', 'Storage', bucket);
}

/**
 * Tries the publishable key on the sign-in of the project.
 *
 * @returns what could not be checked because it does not answer now; null when all is well
 * @throws {Error} one line that names the variable and holds no key
 */
export async function checkAuth(
  { url }: Pick<ProjectSettings, 'url'>,
  publishableKey: string,
): Promise<string | null> {
  const answer = await request(`${url}/auth/v1/settings`, publishableKey, {});
  refuseKey('SUPABASE_PUBLISHABLE_KEY', answer);
  return unlessAnswered('SUPABASE_URL', 'Auth', answer);
}

async function request(url: string, key: string, init: Init): Promise<Answer> {
  try {
    const response = await fetch(url, {
      ...init,
      // A key must not go to wherever an answer leads.
      redirect: 'manual',
      headers: { ...init.headers, apikey: key, authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    const body = text.startsWith('{') ? (answerSchema.safeParse(JSON.parse(text)).data ?? null) : null;
    const said = new Set([String(response.status), ...(body?.statusCode ? [body.statusCode] : [])]);
    return { said, body, describe: `answered ${[...said].join(', ')}` };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return {
      said: new Set(),
      body: null,
      describe: `does not answer (${cause instanceof Error ? cause.message : 'no answer'})`,
    };
  }
}

/** @throws {Error} when the answer is about the key */
function refuseKey(variable: string, { said, body }: Answer): void {
  const isRefused =
    said.has('401') || said.has('403') || /jw[ts]|signature|api key/i.test(body?.message ?? '');
  if (!isRefused) return;
  throw new Error(
    `${variable}: the project does not accept this key. It may have been revoked or belong to another project; see Project Settings, API Keys.`,
  );
}

function unlessAnswered(variable: string, what: string, { said, describe }: Answer): string | null {
  if (['301', '302', '303', '307', '308'].some((status) => said.has(status))) {
    throw new Error(
      `${variable}: ${what} of the project leads to another address. Set it to the final one, with https:// if the project has it.`,
    );
  }
  if (said.has('200')) return null;
  return `${variable}: ${what} of the project could not be checked: it ${describe}.`;
}
