import { CircleUserRound, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import type { User } from '../session/session-store.ts';
import { useSessionStore } from '../session/use-session.ts';
import { StorageLine } from '../storage/storage-line.tsx';
import { setTheme, type Theme, useTheme } from '../theme/theme.ts';
import { Button } from '../ui/button.tsx';
import { Menu, MenuChoices, MenuItem, MenuSeparator } from '../ui/menu.tsx';

const THEMES = [
  {
    value: 'system',
    content: (
      <>
        <Monitor aria-hidden /> System
      </>
    ),
  },
  {
    value: 'light',
    content: (
      <>
        <Sun aria-hidden /> Light
      </>
    ),
  },
  {
    value: 'dark',
    content: (
      <>
        <Moon aria-hidden /> Dark
      </>
    ),
  },
] as const satisfies readonly { value: Theme; content: unknown }[];

/** Who is signed in, the theme, and the way out. */
export function UserMenu({ user }: { user: User }) {
  const store = useSessionStore();
  return (
    <Menu
      trigger={
        <Button
          look="quiet"
          size="icon"
          aria-label={`Account and theme of ${user.email}`}
          className="rounded-full"
        >
          <CircleUserRound aria-hidden className="size-5!" />
        </Button>
      }
    >
      <div className="px-2.5 pt-1.5 pb-2">
        <p className="truncate font-medium">{user.email}</p>
        {user.isAdmin && <p className="text-xs text-ink-faint">Administrator</p>}
        <StorageLine />
      </div>
      <MenuSeparator />
      <ThemeChoices />
      <MenuSeparator />
      <MenuItem onSelect={() => void store.signOut()}>
        <LogOut aria-hidden /> Sign out
      </MenuItem>
    </Menu>
  );
}

/** The theme switch for people who are not signed in. */
export function ThemeMenu() {
  return (
    <Menu
      trigger={
        <Button look="quiet" size="icon" aria-label="Theme" className="rounded-full">
          <Moon aria-hidden />
        </Button>
      }
    >
      <ThemeChoices />
    </Menu>
  );
}

function ThemeChoices() {
  const theme = useTheme();
  return <MenuChoices label="Theme" value={theme} choices={THEMES} onChange={setTheme} />;
}
