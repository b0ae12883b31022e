import { Menu as BaseMenu } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';

const ITEM_STYLE =
  'flex min-h-9 w-full cursor-default items-center gap-2.5 rounded-md px-2.5 text-left outline-none select-none data-highlighted:bg-hover [&_svg]:size-4 [&_svg]:text-ink-faint';

/** A button that opens a list of things to do. */
export function Menu({ trigger, children }: { trigger: ReactElement; children: ReactNode }) {
  return (
    <BaseMenu.Root modal={false}>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner align="end" sideOffset={6} className="z-50 outline-none">
          <BaseMenu.Popup className="min-w-56 rounded-lg border border-line bg-raised p-1 shadow-float outline-none transition-[opacity,scale] data-ending-style:opacity-0 data-starting-style:scale-97 data-starting-style:opacity-0">
            {children}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

/** One thing to do. */
export function MenuItem({ onSelect, children }: { onSelect: () => void; children: ReactNode }) {
  return (
    <BaseMenu.Item className={ITEM_STYLE} onClick={onSelect}>
      {children}
    </BaseMenu.Item>
  );
}

/** One of several choices, of which one holds. */
export function MenuChoices<Value extends string>({
  label,
  value,
  choices,
  onChange,
}: {
  label: string;
  value: Value;
  choices: readonly { value: Value; content: ReactNode }[];
  onChange: (value: Value) => void;
}) {
  return (
    <BaseMenu.Group>
      <BaseMenu.GroupLabel className="px-2.5 pt-1.5 pb-1 text-xs text-ink-faint">{label}</BaseMenu.GroupLabel>
      <BaseMenu.RadioGroup
        value={value}
        onValueChange={(next: unknown) => {
          const choice = choices.find((candidate) => candidate.value === next);
          if (choice) onChange(choice.value);
        }}
      >
        {choices.map((choice) => (
          <BaseMenu.RadioItem
            key={choice.value}
            value={choice.value}
            closeOnClick={false}
            className={ITEM_STYLE}
          >
            {choice.content}
            <BaseMenu.RadioItemIndicator className="ml-auto size-1.5 rounded-full bg-accent" />
          </BaseMenu.RadioItem>
        ))}
      </BaseMenu.RadioGroup>
    </BaseMenu.Group>
  );
}

/** A line between groups. */
export function MenuSeparator() {
  return <BaseMenu.Separator className="mx-1 my-1 h-px bg-line" />;
}
