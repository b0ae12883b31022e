import { GantryApiError } from '@gantry/client';

/** The part of a rule that the API refuses; null where something else than the rule stood in the way. */
export function wrongPart(error: Error): 'cron' | 'timeZone' | null {
  if (!(error instanceof GantryApiError)) return null;
  if (error.code === 'CRON_INVALID') return 'cron';
  return error.code === 'TIME_ZONE_INVALID' ? 'timeZone' : null;
}
