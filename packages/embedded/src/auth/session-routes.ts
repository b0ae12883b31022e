import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { AuthError } from './auth-error.ts';
import { authenticate } from './authenticate.ts';
import type { AuthDeps } from './register-auth.ts';
import { endSessions } from './sessions.ts';
import { findUser, hashPassword, toUserJson } from './users.ts';

const change = z.object({
  password: z.string().max(1000).optional(),
  data: z.record(z.string(), z.json()).optional(),
});
const logout = z.object({ scope: z.enum(['global', 'local', 'others']).default('global') });

/** What somebody with a session may call about themselves. */
export function registerSessionRoutes(app: FastifyInstance, { pool, ...settings }: AuthDeps): void {
  app.get('/user', async (request) => toUserJson((await authenticate(pool, request, settings)).user));

  // app_metadata is not theirs to set: only `password` and `data` are read.
  app.put('/user', async (request) => {
    const { user, sessionId } = await authenticate(pool, request, settings);
    const { password, data } = change.parse(request.body);
    const hash = password === undefined ? null : await hashPassword(password);
    await pool.query(
      `update auth.users set encrypted_password = coalesce($2, encrypted_password),
         raw_user_meta_data = raw_user_meta_data || $3::jsonb, updated_at = now()
       where id = $1`,
      [user.id, hash, JSON.stringify(data ?? {})],
    );
    // Whoever knew the old password is signed out.
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
}
