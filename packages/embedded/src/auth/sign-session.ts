import { SignJWT } from 'jose';

import type { SigningKey } from './signing-key.ts';
import { toUserJson, type UserRow } from './users.ts';

/** Seconds that an access token lives, as in a new Supabase project. */
const ACCESS_TOKEN_SECONDS = 3600;

/** Who signs, and under which name. */
export type TokenSettings = { signingKey: SigningKey; issuer: string };

/** The answer to a sign-in or refresh, with a fresh access token, as supabase-js reads it. Times in seconds. */
export async function signSession(
  user: UserRow,
  o: { sessionId: string; refreshToken: string },
  { signingKey, issuer }: TokenSettings,
) {
  const now = Math.floor(Date.now() / 1000);
  const accessToken = await new SignJWT({
    role: user.role,
    email: user.email,
    phone: '',
    app_metadata: user.raw_app_meta_data,
    user_metadata: user.raw_user_meta_data,
    session_id: o.sessionId,
    aal: 'aal1',
    amr: [{ method: 'password', timestamp: now }],
    is_anonymous: user.is_anonymous,
  })
    .setProtectedHeader({ alg: 'ES256', kid: signingKey.kid, typ: 'JWT' })
    .setSubject(user.id)
    .setIssuer(issuer)
    .setAudience('authenticated')
    .setIssuedAt(now)
    .setExpirationTime(now + ACCESS_TOKEN_SECONDS)
    .sign(signingKey.privateKey);
  return {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: ACCESS_TOKEN_SECONDS,
    expires_at: now + ACCESS_TOKEN_SECONDS,
    refresh_token: o.refreshToken,
    user: toUserJson(user),
  };
}
