import { z } from 'zod';

import type { ProjectSettings } from './read-project.ts';

const TIMEOUT_MS = 15_000;
const PAGE = 1_000;

const userSchema = z.looseObject({ id: z.string(), email: z.string().nullish() });
const refusalSchema = z.looseObject({
  error_code: z.string().optional(),
  msg: z.string().optional(),
  message: z.string().optional(),
});

/** What becomes of an account. Without a password the one that it has stays. */
export type Account = { email: string; password: string | null; isAdmin: boolean };

/**
 * Creates an account in a Supabase project with a confirmed address, or changes the one that is there.
 *
 * @throws {Error} one line that says what the project refused
 */
export async function setProjectAccount(
  project: ProjectSettings,
  { email, password, isAdmin }: Account,
): Promise<'made' | 'changed'> {
  const change = {
    ...(password !== null && { password }),
    ...(isAdmin && { app_metadata: { role: 'admin' } }),
  };
  const id = await findUser(project, email);
  if (id !== null) {
    await ask(project, 'PUT', `users/${encodeURIComponent(id)}`, change);
    return 'changed';
  }
  if (password === null)
    throw new Error(`There is no account ${email} in the project; a new one needs a password.`);
  await ask(project, 'POST', 'users', { email, email_confirm: true, ...change });
  return 'made';
}

async function findUser(project: ProjectSettings, email: string): Promise<string | null> {
  for (let page = 1; ; page++) {
    const answer = await ask(project, 'GET', `users?page=${page}&per_page=${PAGE}`);
    const { users } = z.object({ users: z.array(userSchema) }).parse(answer);
    const found = users.find((user) => user.email?.toLowerCase() === email.toLowerCase());
    if (found) return found.id;
    if (users.length === 0) return null;
  }
}

async function ask(project: ProjectSettings, method: string, path: string, body?: object): Promise<unknown> {
  const { url, secretKey } = project;
  const response = await fetch(`${url}/auth/v1/admin/${path}`, {
    method,
    headers: { apikey: secretKey, authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body && { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new Error(`SUPABASE_URL: ${url} does not answer.`, { cause });
  });
  const text = await response.text();
  const answer: unknown = text.startsWith('{') ? JSON.parse(text) : {};
  if (response.ok) return answer;
  if (response.status === 401 || response.status === 403) {
    throw new Error('SUPABASE_SECRET_KEY: the project does not accept this key.');
  }
  const said = refusalSchema.safeParse(answer).data;
  throw new Error(
    `The project answered ${response.status}: ${said?.msg ?? said?.message ?? said?.error_code ?? ''}`,
  );
}
