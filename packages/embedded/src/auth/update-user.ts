import { mergeMetadata } from './metadata.ts';
import type { Queryable } from './users.ts';

/** What an admin changes of an account; what is not given stays. */
export type UserChange = {
  email?: string | undefined;
  passwordHash?: string | undefined;
  /** Laid over what is there; null takes a key away. */
  appMetadata?: Record<string, unknown> | undefined;
  userMetadata?: Record<string, unknown> | undefined;
  /** A Postgres interval such as `24h`, or `none` to lift the ban. */
  banDuration?: string | undefined;
};

/**
 * Changes an account as an admin may. A new password and a ban end its sessions.
 *
 * @throws {pg.DatabaseError} 23505 for a taken e-mail
 */
export async function updateUser(db: Queryable, id: string, change: UserChange): Promise<void> {
  const email = change.email?.trim().toLowerCase() ?? null;
  const ban = change.banDuration ?? null;
  await db.query(
    `with identity as (
       update auth.identities set identity_data = identity_data || jsonb_build_object('email', $3::text), updated_at = now()
       where user_id = $1 and provider = 'email' and $3::text is not null
     ), ended as (
       delete from auth.sessions where user_id = $1 and ($2::text is not null or $6::text <> 'none')
     )
     update auth.users set encrypted_password = coalesce($2, encrypted_password), email = coalesce($3, email),
       raw_app_meta_data = ${mergeMetadata('raw_app_meta_data', '$4')},
       raw_user_meta_data = ${mergeMetadata('raw_user_meta_data', '$5')},
       banned_until = case when $6::text is null then banned_until when $6 = 'none' then null else now() + $6::interval end,
       updated_at = now()
     where id = $1`,
    [
      id,
      change.passwordHash ?? null,
      email,
      JSON.stringify(change.appMetadata ?? {}),
      JSON.stringify(change.userMetadata ?? {}),
      ban,
    ],
  );
}
