import { useDeferredValue } from 'react';

import { explainError } from '../errors/explain-error.ts';
import { Field, Select, TextInput } from '../ui/field.tsx';
import { FilterChips } from '../ui/filter-chips.tsx';
import { NextTimes, NoNextTimes } from './next-times.tsx';
import { useNextTimes } from './use-next-times.ts';
import { wrongPart } from './wrong-part.ts';

const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ZONES = [...new Set([OWN_ZONE, 'UTC', ...Intl.supportedValuesOf('timeZone')])];

/** When a schedule fires, and what becomes of a time while an earlier job has not finished. */
export type Rule = { cron: string; timeZone: string; overlap: 'skip' | 'queue' };

/** A rule to start from: working days, in the reader's time zone. */
export const FIRST_RULE: Rule = { cron: '0 8 * * MON-FRI', timeZone: OWN_ZONE, overlap: 'skip' };

/** What most people want, without a manual. */
const USUAL_RULES = [
  { value: '0 * * * *', label: 'Every hour' },
  { value: '0 8 * * *', label: 'Every day' },
  { value: FIRST_RULE.cron, label: 'Working days' },
  { value: '0 8 * * MON', label: 'Every Monday' },
  { value: '0 8 1 * *', label: 'First of the month' },
];

/** The controls of a rule, with its next times. */
export function RuleFields({ rule, onChange }: { rule: Rule; onChange: (rule: Rule) => void }) {
  const { cron, timeZone, overlap } = rule;
  const preview = useNextTimes(useDeferredValue(cron.trim()), timeZone);
  const wrong = preview.error && wrongPart(preview.error);
  const why = preview.error ? explainError(preview.error).message : undefined;
  return (
    <>
      <FilterChips
        label="Usual times"
        value={cron}
        choices={USUAL_RULES}
        onChange={(usual) => onChange({ ...rule, cron: usual })}
      />
      <div className="grid items-start gap-5 sm:grid-cols-2">
        <Field
          label="When"
          error={wrong === 'cron' ? why : undefined}
          hint="Minute, hour, day of the month, month, day of the week; or @hourly, @daily, @weekly, @monthly."
          isRequired
        >
          {(control) => (
            <TextInput
              {...control}
              value={cron}
              maxLength={120}
              spellCheck={false}
              autoComplete="off"
              className="font-mono"
              onChange={({ target }) => onChange({ ...rule, cron: target.value })}
            />
          )}
        </Field>
        <Field label="Time zone" error={wrong === 'timeZone' ? why : undefined} isRequired>
          {(control) => (
            <Select
              {...control}
              value={timeZone}
              onChange={({ target }) => onChange({ ...rule, timeZone: target.value })}
            >
              {ZONES.map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      {preview.error && !wrong ? (
        <NoNextTimes why={why} onRetry={() => void preview.refetch()} />
      ) : (
        <NextTimes times={(!preview.error && preview.data?.times) || null} timeZone={timeZone} />
      )}
      <Field label="When an earlier job has not finished" isRequired>
        {(control) => (
          <Select
            {...control}
            value={overlap}
            onChange={({ target }) =>
              onChange({ ...rule, overlap: target.value === 'queue' ? 'queue' : 'skip' })
            }
          >
            <option value="skip">Skip this time</option>
            <option value="queue">Queue behind it</option>
          </Select>
        )}
      </Field>
    </>
  );
}
