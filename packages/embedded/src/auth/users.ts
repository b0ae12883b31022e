import type pg from 'pg';

import { AuthError } from './auth-error.ts';

/** A row of `auth.users`, as far as the sign-in surface needs it. */
export type UserRow = {
  id: string;
  aud: string;
  role: string;
  email: string;
  encrypted_password: string;
  email_confirmed_at: Date | null;
  last_sign_in_at: Date | null;
  raw_app_meta_data: Record<string, unknown>;
  raw_user_meta_data: Record<string, unknown>;
  is_banned: boolean;
  is_anonymous: boolean;
  created_at: Date;
  updated_at: Date;
};

/** What the pool and a single client have in common. */
export type Queryable = Pick<pg.Pool, 'query'>;

/** The columns of a {@link UserRow}. Whether a ban has passed is for the database's clock to say. */
export const USER_COLUMNS = '*, coalesce(banned_until > now(), false) as is_banned';

/** Inserts a confirmed user with an e-mail identity. @throws {AuthError} user_already_exists */
export async function createUser(
  db: Queryable,
  o: {
    email: string;
    passwordHash: string;
    appMetadata: Record<string, unknown>;
    userMetadata: Record<string, unknown>;
  },
): Promise<UserRow> {
  const email = o.email.trim().toLowerCase();
  const { rows } = await db.query<UserRow>(
    `with created as (
       insert into auth.users (email, encrypted_password, raw_app_meta_data, raw_user_meta_data)
       values ($1, $2, '{"provider": "email", "providers": ["email"]}'::jsonb || $3::jsonb, $4)
       on conflict do nothing
       returning ${USER_COLUMNS}
     ), identity as (
       insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at)
       select id, id, jsonb_build_object('sub', id, 'email', email, 'email_verified', true), 'email', now() from created
     )
     select * from created`,
    [email, o.passwordHash, JSON.stringify(o.appMetadata), JSON.stringify(o.userMetadata)],
  );
  const [user] = rows;
  if (!user) throw new AuthError(422, 'user_already_exists', 'User already registered');
  return user;
}

/** Finds a user by e-mail, whatever its letters' case. */
export async function findUserByEmail(db: Queryable, email: string): Promise<UserRow | undefined> {
  const { rows } = await db.query<UserRow>(
    `select ${USER_COLUMNS} from auth.users where lower(email) = lower($1) and deleted_at is null`,
    [email.trim()],
  );
  return rows[0];
}

/** Finds a user by id. */
export async function findUser(db: Queryable, id: string): Promise<UserRow | undefined> {
  const { rows } = await db.query<UserRow>(
    `select ${USER_COLUMNS} from auth.users where id = $1 and deleted_at is null`,
    [id],
  );
  return rows[0];
}

/** A user as supabase-js knows it. */
export function toUserJson(user: UserRow) {
  const identity = {
    identity_id: user.id,
    id: user.id,
    user_id: user.id,
    identity_data: { sub: user.id, email: user.email, email_verified: true },
    provider: 'email',
    last_sign_in_at: user.last_sign_in_at,
    created_at: user.created_at,
    updated_at: user.updated_at,
    email: user.email,
  };
  return {
    id: user.id,
    aud: user.aud,
    role: user.role,
    email: user.email,
    email_confirmed_at: user.email_confirmed_at,
    confirmed_at: user.email_confirmed_at,
    last_sign_in_at: user.last_sign_in_at,
    phone: '',
    app_metadata: user.raw_app_meta_data,
    user_metadata: user.raw_user_meta_data,
    identities: [identity],
    created_at: user.created_at,
    updated_at: user.updated_at,
    is_anonymous: user.is_anonymous,
  };
}
