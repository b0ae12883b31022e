import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AuthDeps } from './auth-deps.ts';
import { AuthError } from './auth-error.ts';
import { authenticate } from './authenticate.ts';
import { mergeMetadata, metadata } from './metadata.ts';
import { checkNewPassword } from './passwords/hash-password.ts';
import { endSessions } from './sessions.ts';
import { findUser, toUserJson, type UserRow } from './users.ts';

// app_metadata, role and the rest are not theirs to set, and so they are not read.
const change = z.object({
  email: z.string().optional(),
  password: z.string().max(1000).optional(),
  data: metadata.optional(),
});
const logout = z.object({ scope: z.enum(['global', 'local', 'others']).default('global') });

/** What a user with a session may call. */
export function registerSessionRoutes(
  app: FastifyInstance,
  { pool, limits, threads, ...settings }: AuthDeps,
): void {
  app.get('/user', async (request) => {
    await limits.checkRead(request);
    return toUserJson((await authenticate(pool, request, settings)).user);
  });

  app.put('/user', async (request) => {
    const { user, sessionId } = await authenticate(pool, request, settings);
    const { email, password, data } = change.parse(request.body);
    refuseOtherEmail(user, email);
    const hash = password === undefined ? null : await hashNew(request, user.id, password);
    await pool.query(
      `update auth.users set encrypted_password = coalesce($2, encrypted_password),
         raw_user_meta_data = ${mergeMetadata('raw_user_meta_data', '$3')}, updated_at = now()
       where id = $1`,
      [user.id, hash, JSON.stringify(data ?? {})],
    );
    // Other sessions are ended: they may know the old password.
    if (hash) await endSessions(pool, { userId: user.id, sessionId, scope: 'others' });
    const changed = await findUser(pool, user.id);
    if (!changed) throw new AuthError(403, 'session_not_found', 'This account no longer exists');
    return toUserJson(changed);
  });

  app.post('/logout', async (request, reply) => {
    const { user, sessionId } = await authenticate(pool, request, settings);
    await endSessions(pool, { userId: user.id, sessionId, scope: logout.parse(request.query).scope });
    return reply.code(204).send();
  });

  async function hashNew(request: FastifyRequest, userId: string, password: string): Promise<string> {
    checkNewPassword(password);
    await limits.checkPasswordChange(request, userId);
    return threads.takeTurn(request, () => threads.hash(password));
  }
}

/** A new address has to be confirmed by mail, which the embedded sign-in cannot send. */
function refuseOtherEmail(user: UserRow, email: string | undefined): void {
  if (email === undefined || email.trim().toLowerCase() === user.email) return;
  throw new AuthError(
    422,
    'email_address_not_authorized',
    'The embedded sign-in sends no mail, so only an admin can change an e-mail address.',
  );
}
