import { useDeferredValue } from 'react';

import { Field, Select, TextInput } from '../ui/field.tsx';
import { NextTimes } from './next-times.tsx';

const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ZONES = [...new Set([OWN_ZONE, 'UTC', ...Intl.supportedValuesOf('timeZone')])];

/** When a schedule fires, and what becomes of a time while an earlier job has not finished. */
export type Rule = { cron: string; timeZone: string; overlap: 'skip' | 'queue' };

/** A rule to start from: working days, in the reader's time zone. */
export const FIRST_RULE: Rule = { cron: '0 8 * * MON-FRI', timeZone: OWN_ZONE, overlap: 'skip' };

/** The controls of a rule, with its next times. */
export function RuleFields({ rule, onChange }: { rule: Rule; onChange: (rule: Rule) => void }) {
  const { cron, timeZone, overlap } = rule;
  const shownCron = useDeferredValue(cron.trim());
  return (
    <>
      <div className="grid items-start gap-5 sm:grid-cols-2">
        <Field
          label="When"
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
        <Field label="Time zone" isRequired>
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
      {shownCron !== '' && <NextTimes cron={shownCron} timeZone={timeZone} />}
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
