import { Tabs as BaseTabs } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';

/** One tab: `count` is shown beside its label. */
export type TabItem<Value extends string> = {
  value: Value;
  label: string;
  count?: number | undefined;
  content: ReactNode;
};

/** Tabs under the caller's control, so that the choice can live in the address. */
export function Tabs<Value extends string>({
  label,
  value,
  items,
  onChange,
}: {
  label: string;
  value: Value;
  items: readonly TabItem<Value>[];
  onChange: (value: Value) => void;
}) {
  return (
    <BaseTabs.Root
      value={value}
      onValueChange={(next) => {
        const item = items.find((candidate) => candidate.value === next);
        if (item) onChange(item.value);
      }}
    >
      <BaseTabs.List aria-label={label} className="flex gap-1 overflow-x-auto border-b border-line px-2">
        {items.map((item) => (
          <BaseTabs.Tab
            key={item.value}
            value={item.value}
            // On a phone the open tab may be outside the view.
            ref={item.value === value ? showInList : undefined}
            className="-mb-px flex h-11 shrink-0 items-center gap-2 border-b-2 border-transparent px-3 font-medium text-ink-soft -outline-offset-4 hover:text-ink data-active:border-accent data-active:text-ink"
          >
            {item.label}
            {item.count !== undefined && (
              <span className="tabular rounded-full bg-hover px-1.5 text-xs text-ink-soft">
                {item.count.toLocaleString('en')}
              </span>
            )}
          </BaseTabs.Tab>
        ))}
      </BaseTabs.List>
      {items.map((item) => (
        <BaseTabs.Panel key={item.value} value={item.value} className="-outline-offset-2">
          {item.content}
        </BaseTabs.Panel>
      ))}
    </BaseTabs.Root>
  );
}

function showInList(tab: HTMLElement | null): void {
  const list = tab?.parentElement;
  if (!tab || !list) return;
  const { left, right } = tab.getBoundingClientRect();
  const window = list.getBoundingClientRect();
  if (right > window.right) list.scrollLeft += right - window.right;
  else if (left < window.left) list.scrollLeft -= window.left - left;
}
