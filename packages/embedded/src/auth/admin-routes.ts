import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AuthDeps } from './auth-deps.ts';
import { AuthError } from './auth-error.ts';
import { requireServiceKey } from './authenticate.ts';
import { metadata } from './metadata.ts';
import { checkNewPassword } from './passwords/hash-password.ts';
import { updateUser } from './update-user.ts';
import { createUser, findUser, toUserJson, USER_COLUMNS, type UserRow } from './users.ts';

const creation = z.object({
  email: z.email().max(255),
  password: z.string().max(1000),
  app_metadata: metadata.default({}),
  user_metadata: metadata.default({}),
});
const change = z.object({
  email: z.email().max(255).optional(),
  password: z.string().max(1000).optional(),
  app_metadata: metadata.optional(),
  user_metadata: metadata.optional(),
  ban_duration: z.string().max(20).optional(),
});
const page = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  per_page: z.coerce.number().int().min(1).max(1000).default(50),
});
const params = z.object({ id: z.guid() });

/** `supabase.auth.admin.*`: for the service key alone. */
export function registerAdminRoutes(
  app: FastifyInstance,
  { pool, limits, threads, secretKey }: AuthDeps,
): void {
  app.addHook('onRequest', async (request) => requireServiceKey(request, secretKey));

  app.get('/users', async (request, reply) => {
    const { page: number, per_page: size } = page.parse(request.query);
    const { rows } = await pool.query<UserRow>(
      `select ${USER_COLUMNS} from auth.users where deleted_at is null
       order by created_at desc, id limit $1 offset $2`,
      [size, (number - 1) * size],
    );
    const { rows: counts } = await pool.query<{ total: string }>(
      'select count(*) as total from auth.users where deleted_at is null',
    );
    const total = Number(counts[0]?.total ?? 0);
    const lastPage = Math.max(1, Math.ceil(total / size));
    const linkTo = (target: number, relation: string) =>
      `</admin/users?page=${target}&per_page=${size}>; rel="${relation}"`;
    const links = [...(number < lastPage ? [linkTo(number + 1, 'next')] : []), linkTo(lastPage, 'last')];
    // supabase-js reads the number of users only where there are links.
    reply.header('x-total-count', total).header('link', links.join(', '));
    return { users: rows.map(toUserJson), aud: 'authenticated' };
  });

  app.post('/users', async (request) => {
    const body = creation.parse(request.body);
    const { email, password, app_metadata: appMetadata, user_metadata: userMetadata } = body;
    const passwordHash = await hashNew(request, password);
    return toUserJson(await createUser(pool, { email, passwordHash, appMetadata, userMetadata }));
  });

  app.get('/users/:id', async (request) => toUserJson(await mustFind(params.parse(request.params).id)));

  app.put('/users/:id', async (request) => {
    const { id } = await mustFind(params.parse(request.params).id);
    const body = change.parse(request.body);
    await updateUser(pool, id, {
      email: body.email,
      passwordHash: body.password === undefined ? undefined : await hashNew(request, body.password),
      appMetadata: body.app_metadata,
      userMetadata: body.user_metadata,
      banDuration: body.ban_duration,
    });
    return toUserJson(await mustFind(id));
  });

  app.delete('/users/:id', async (request) => {
    const user = await mustFind(params.parse(request.params).id);
    await pool.query('delete from auth.users where id = $1', [user.id]);
    return toUserJson(user);
  });

  async function hashNew(request: FastifyRequest, password: string): Promise<string> {
    checkNewPassword(password);
    await limits.checkAdminChange(request);
    return threads.takeTurn(request, () => threads.hash(password));
  }

  async function mustFind(id: string): Promise<UserRow> {
    const user = await findUser(pool, id);
    if (!user) throw new AuthError(404, 'user_not_found', 'User not found');
    return user;
  }
}
