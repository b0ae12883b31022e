import { CircleUserRound, Moon } from 'lucide-react';
import { lazy, Suspense } from 'react';

import type { User } from '../session/session-store.ts';
import { Button } from '../ui/button.tsx';

// Menus bring a good part of the code that no page needs to be drawn: it comes when the page is there.
const LazyUserMenu = lazy(async () => ({ default: (await import('./user-menu.tsx')).UserMenu }));
const LazyThemeMenu = lazy(async () => ({ default: (await import('./user-menu.tsx')).ThemeMenu }));

/** The menu of who is signed in; its button is there from the start. */
export function UserMenu({ user }: { user: User }) {
  return (
    <Suspense
      fallback={
        <Button
          look="quiet"
          size="icon"
          aria-label="Account and theme"
          aria-disabled
          className="rounded-full"
        >
          <CircleUserRound aria-hidden className="size-5!" />
        </Button>
      }
    >
      <LazyUserMenu user={user} />
    </Suspense>
  );
}

/** The theme switch for people who are not signed in. */
export function ThemeMenu() {
  return (
    <Suspense
      fallback={
        <Button look="quiet" size="icon" aria-label="Theme" aria-disabled className="rounded-full">
          <Moon aria-hidden />
        </Button>
      }
    >
      <LazyThemeMenu />
    </Suspense>
  );
}
