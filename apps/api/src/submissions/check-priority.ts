import { hasAdminRights } from '@gantry/core';
import { ApiError } from '../errors/api-error.ts';
import type { UserContext } from '../procedures/context.ts';

const URGENT = 2;

/** Anybody may ask for normal or high; urgent is for admins. @throws {ApiError} PRIORITY_NOT_ALLOWED */
export async function checkPriority({ deps, caller }: UserContext, priority: number): Promise<void> {
  if (priority >= URGENT && !(await hasAdminRights(deps.pool, caller.claims))) {
    throw new ApiError(
      403,
      'PRIORITY_NOT_ALLOWED',
      'Only admins may submit urgent jobs. Use priority 0 or 1.',
    );
  }
}
