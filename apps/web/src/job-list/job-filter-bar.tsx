import type { Service } from '@gantry/client';
import { Search, Tag, X } from 'lucide-react';
import { useEffect, useState } from 'react';

import { Button } from '../ui/button.tsx';
import { Select, TextInput } from '../ui/field.tsx';
import { FilterChips } from '../ui/filter-chips.tsx';
import { JOB_STATUSES, type JobFilter } from './job-filter.ts';

/** Typing does not request results at every letter. */
const TYPING_PAUSE_MS = 250;

/** State, service, tag and text that a list of jobs is narrowed to. */
export function JobFilterBar({
  filter,
  services,
  onChange,
}: {
  filter: JobFilter;
  services: readonly Service[];
  onChange: (filter: JobFilter) => void;
}) {
  const { status, ...withoutStatus } = filter;
  const { service, ...withoutService } = filter;
  const { tag, ...withoutTag } = filter;
  return (
    <search className="mb-4 flex flex-wrap items-center justify-between gap-3">
      <FilterChips
        label="State"
        value={status ?? 'all'}
        onChange={(next) => onChange(next === 'all' ? withoutStatus : { ...filter, status: next })}
        choices={[
          { value: 'all', label: 'All' },
          ...JOB_STATUSES.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) })),
        ]}
      />
      <div className="flex w-full flex-wrap items-center gap-2 sm:w-auto">
        {tag !== undefined && (
          <Button
            size="small"
            aria-label={`Tag ${tag}: show other jobs too`}
            className="max-w-full"
            onClick={() => onChange(withoutTag)}
          >
            <Tag aria-hidden /> <span className="truncate">{tag}</span> <X aria-hidden />
          </Button>
        )}
        {services.length > 1 && (
          <Select
            aria-label="Service"
            value={service ?? ''}
            onChange={({ target }) =>
              onChange(target.value === '' ? withoutService : { ...filter, service: target.value })
            }
            className="min-w-36 flex-1 sm:w-48 sm:flex-none"
          >
            <option value="">All services</option>
            {services.map((candidate) => (
              <option key={candidate.id} value={candidate.id}>
                {candidate.name}
              </option>
            ))}
          </Select>
        )}
        <SearchInput filter={filter} onChange={onChange} />
      </div>
    </search>
  );
}

function SearchInput({ filter, onChange }: { filter: JobFilter; onChange: (filter: JobFilter) => void }) {
  const { q = '', ...rest } = filter;
  const [draft, setDraft] = useState(q);
  const [shownFor, setShownFor] = useState(q);
  // The address changed by other means than typing here: going back, clearing the filter.
  if (shownFor !== q) {
    setShownFor(q);
    if (draft.trim() !== q) setDraft(q);
  }
  useEffect(() => {
    const text = draft.trim();
    if (text === q) return undefined;
    const timer = setTimeout(() => onChange(text === '' ? rest : { ...rest, q: text }), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  });
  return (
    <div className="relative min-w-44 flex-1 sm:w-60">
      <Search aria-hidden className="absolute top-2.5 left-2.5 size-4 text-ink-faint" />
      <TextInput
        type="search"
        aria-label="Search by file name, tag or job id"
        placeholder="File name, tag or job id"
        maxLength={200}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        className="pl-8.5"
      />
    </div>
  );
}
