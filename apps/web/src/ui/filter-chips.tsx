/** Buttons of which one holds, each with its number. */
export function FilterChips<Value extends string>({
  label,
  value,
  choices,
  onChange,
}: {
  label: string;
  value: Value;
  choices: readonly { value: Value; label: string; count?: number }[];
  onChange: (value: Value) => void;
}) {
  return (
    <fieldset>
      <legend className="sr-only">{label}</legend>
      <div className="flex flex-wrap gap-1.5">
        {choices.map((choice) => (
          <button
            key={choice.value}
            type="button"
            aria-pressed={choice.value === value}
            onClick={() => onChange(choice.value)}
            className="inline-flex h-8 items-center gap-1.5 rounded-full border border-line px-3 text-[0.8125rem] font-medium text-ink-soft hover:bg-hover aria-pressed:border-line-strong aria-pressed:bg-hover aria-pressed:text-ink"
          >
            {choice.label}
            {choice.count !== undefined && (
              <span className="tabular font-normal text-ink-soft">{choice.count.toLocaleString('en')}</span>
            )}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
