import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { AuthError } from './auth-error.ts';
import { requireServiceKey } from './authenticate.ts';
import type { AuthDeps } from './register-auth.ts';
import { createUser, findUser, hashPassword, toUserJson, type UserRow } from './users.ts';

const metadata = z.record(z.string(), z.json());
const creation = z.object({
  email: z.email().max(255),
  password: z.string().max(1000),
  app_metadata: metadata.optional(),
  user_metadata: metadata.optional(),
});
const change = z.object({
  password: z.string().max(1000).optional(),
  app_metadata: metadata.optional(),
  user_metadata: metadata.optional(),
  ban_duration: z.string().max(20).optional(),
});
const page = z.object({
  page: z.coerce.number().int().min(1).default(1),
  per_page: z.coerce.number().int().min(1).max(1000).default(50),
});
const params = z.object({ id: z.uuid() });

/** `supabase.auth.admin.*`: for the service key alone. */
export function registerAdminRoutes(app: FastifyInstance, { pool, secretKey }: AuthDeps): void {
  app.addHook('onRequest', async (request) => requireServiceKey(request, secretKey));

  app.get('/users', async (request, reply) => {
    const { page: number, per_page: size } = page.parse(request.query);
    const { rows } = await pool.query<UserRow & { total: string }>(
      `select u.*, count(*) over () as total from auth.users u where deleted_at is null
       order by created_at desc, id limit $1 offset $2`,
      [size, (number - 1) * size],
    );
    reply.header('x-total-count', rows[0]?.total ?? '0');
    return { users: rows.map(toUserJson), aud: 'authenticated' };
  });

  app.post('/users', async (request) => {
    const {
      email,
      password,
      app_metadata: appMetadata,
      user_metadata: userMetadata,
    } = creation.parse(request.body);
    return toUserJson(
      await createUser(pool, {
        email,
        password,
        appMetadata: appMetadata ?? {},
        userMetadata: userMetadata ?? {},
      }),
    );
  });

  app.get('/users/:id', async (request) => toUserJson(await mustFind(params.parse(request.params).id)));

  app.put('/users/:id', async (request) => {
    const { id } = await mustFind(params.parse(request.params).id);
    const body = change.parse(request.body);
    const hash = body.password === undefined ? null : await hashPassword(body.password);
    await pool.query(
      `update auth.users set encrypted_password = coalesce($2, encrypted_password),
         raw_app_meta_data = raw_app_meta_data || $3::jsonb, raw_user_meta_data = raw_user_meta_data || $4::jsonb,
         banned_until = case when $5::text is null then banned_until when $5 = 'none' then null else now() + $5::interval end,
         updated_at = now()
       where id = $1`,
      [
        id,
        hash,
        JSON.stringify(body.app_metadata ?? {}),
        JSON.stringify(body.user_metadata ?? {}),
        body.ban_duration ?? null,
      ],
    );
    if (hash || (body.ban_duration && body.ban_duration !== 'none')) {
      await pool.query('delete from auth.sessions where user_id = $1', [id]);
    }
    return toUserJson(await mustFind(id));
  });

  app.delete('/users/:id', async (request) => {
    const user = await mustFind(params.parse(request.params).id);
    await pool.query('delete from auth.users where id = $1', [user.id]);
    return toUserJson(user);
  });

  async function mustFind(id: string): Promise<UserRow> {
    const user = await findUser(pool, id);
    if (!user) throw new AuthError(404, 'user_not_found', 'User not found');
    return user;
  }
}
