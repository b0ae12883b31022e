/** The caller's access token, or a way to it; null when no user is signed in. */
export type GetToken = () => Promise<string | null> | string | null;

/** Carries what `getToken` threw past everything that would take it for an error of the connection. */
export class TokenFailure extends Error {
  override name = 'TokenFailure';
}

/** Headers with the caller's token, which is never in a URL. @throws {TokenFailure} */
export async function authorize(getToken: GetToken): Promise<Record<string, string>> {
  try {
    const token = await getToken();
    return token ? { authorization: `Bearer ${token}` } : {};
  } catch (cause) {
    throw new TokenFailure('There is no token.', { cause });
  }
}
