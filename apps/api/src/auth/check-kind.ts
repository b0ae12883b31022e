import type { Config } from '../config/config.ts';
import { ApiError } from '../errors/api-error.ts';
import type { Caller } from './verify-token.ts';

/**
 * Refuses those who are signed in but not a person with an account: anonymous users, who cost nothing to make, and
 * programs that a user has let in by OAuth. The settings may let either in.
 *
 * @throws {ApiError} ANONYMOUS_NOT_ALLOWED, CLIENT_NOT_ALLOWED
 */
export function checkKind(
  { claims }: Pick<Caller, 'claims'>,
  config: Pick<Config, 'allowAnonymous' | 'oauthClientIds'>,
): void {
  if (claims['is_anonymous'] && !config.allowAnonymous) {
    throw new ApiError(
      403,
      'ANONYMOUS_NOT_ALLOWED',
      'Anonymous users cannot use Gantry. Make an account first.',
    );
  }
  const client = claims['client_id'];
  if (client !== undefined && !config.oauthClientIds.some((id) => id === client)) {
    throw new ApiError(
      403,
      'CLIENT_NOT_ALLOWED',
      'This application may not use Gantry on your behalf. Ask an administrator to add its client id to OAUTH_CLIENT_IDS.',
    );
  }
}
