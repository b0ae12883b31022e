import type { NewRowResult } from '@gantry/contract';
import type { SheetRow } from '@gantry/sheet';

import type { AutomationContext } from '../define-automation.ts';
import { pause } from '../pause.ts';
import type { FormTab } from './form-tab.ts';
import { type PortSite, type Search, searchContainer } from './search-container.ts';

/** What became of a row, and a picture of what the site showed instead of an answer. */
export type LookUp = { result: NewRowResult; picture: Uint8Array | null };

const TRIES = 3;

/** Tells whether a row failed because of the site, and might not another time. */
export function isSiteFailure(result: NewRowResult): boolean {
  return result.status === 'failed' && result.error?.code !== 'CONTAINER_NOT_FOUND';
}

/** Asks the port for a row, several times if it misbehaves. An answer that says "not found" is an answer. */
export async function lookUpContainer(
  context: AutomationContext,
  settings: PortSite & { pauseMs: number },
  form: FormTab,
  row: SheetRow,
): Promise<LookUp> {
  const { signal } = context;
  const base = { index: row.index, key: row.key };
  for (let attempt = 1; ; attempt++) {
    const isLastTry = attempt === TRIES;
    const search = await searchOnce(context, settings, form, row.key, isLastTry);
    if (search.kind === 'found')
      return { result: { ...base, status: 'completed', data: search.data, error: null }, picture: null };
    if (search.kind === 'not-found') {
      const error = { code: 'CONTAINER_NOT_FOUND', message: search.message };
      return { result: { ...base, status: 'failed', data: {}, error }, picture: search.picture };
    }
    const { code, message, cause } = search.error;
    await form.renew();
    context.log('warn', `${row.key}: ${message}`, { code, try: attempt });
    if (cause instanceof Error) context.log('debug', `${row.key}: ${cause.name}: ${cause.message}`);
    if (isLastTry)
      return {
        result: { ...base, status: 'failed', data: {}, error: { code, message } },
        picture: search.picture,
      };
    await pause(settings.pauseMs * 2 ** attempt, signal);
  }
}

async function searchOnce(
  context: AutomationContext,
  settings: PortSite,
  form: FormTab,
  container: string,
  isLastTry: boolean,
): Promise<Search> {
  try {
    const refusalOf: AutomationContext['refusalOf'] = (url) => context.refusalOf(url);
    return await searchContainer(form.page, settings, {
      container,
      signal: context.signal,
      isLastTry,
      refusalOf,
    });
  } finally {
    await form.closeOthers();
  }
}
