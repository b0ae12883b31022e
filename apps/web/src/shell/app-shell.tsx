import { Link, Outlet } from '@tanstack/react-router';
import { CalendarClock, Gauge, ListChecks, type LucideIcon, Plus } from 'lucide-react';
import { CraneMark } from '../page/crane-mark.tsx';
import { useSession } from '../session/use-session.ts';
import { cn } from '../ui/cn.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { ThemeMenu, UserMenu } from './lazy-menus.tsx';

/** The frame around every page. */
export function AppShell() {
  const { user } = useSession();
  return (
    <>
      <a
        href="#main"
        className="absolute top-2 left-2 z-50 -translate-y-16 rounded-md bg-primary px-4 py-2 font-medium text-on-primary focus:translate-y-0"
      >
        Skip to the content
      </a>
      <header className="sticky top-0 z-40 border-b border-line bg-surface/90 backdrop-blur">
        <div className="mx-auto flex h-14 max-w-6xl items-center gap-1 px-4 sm:gap-4 sm:px-6">
          <Link
            to="/"
            className="flex items-center gap-2 rounded-md py-1 text-base font-semibold tracking-tight"
          >
            <CraneMark className="size-6" />
            <span className={user ? 'max-sm:sr-only' : undefined}>Gantry</span>
          </Link>
          {user && (
            <nav aria-label="Main" className="flex gap-0.5 max-sm:ml-1">
              <NavLink to="/" label="New job" icon={Plus} />
              <NavLink to="/jobs" label="My jobs" icon={ListChecks} />
              <NavLink to="/schedules" label="Schedules" icon={CalendarClock} isIconOnPhone />
              {user.isAdmin && <NavLink to="/admin" label="Admin" icon={Gauge} isIconOnPhone />}
            </nav>
          )}
          <div className="ml-auto">{user ? <UserMenu user={user} /> : <ThemeMenu />}</div>
        </div>
      </header>
      <ConnectionBanner />
      <main id="main" tabIndex={-1} className="mx-auto max-w-6xl px-4 py-6 outline-none sm:px-6 sm:py-8">
        <Outlet />
      </main>
    </>
  );
}

function NavLink({
  to,
  label,
  icon: Icon,
  isIconOnPhone = false,
}: {
  to: '/' | '/jobs' | '/schedules' | '/admin';
  label: string;
  icon: LucideIcon;
  /** Four words do not fit beside each other there. */
  isIconOnPhone?: boolean;
}) {
  return (
    <Link
      to={to}
      activeOptions={{ exact: to === '/', includeSearch: false }}
      className="flex h-9 items-center gap-2 rounded-md px-2.5 font-medium text-ink-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:text-ink"
    >
      <Icon aria-hidden className={cn('size-4', !isIconOnPhone && 'max-sm:hidden')} />
      <span className={isIconOnPhone ? 'max-sm:sr-only' : undefined}>{label}</span>
    </Link>
  );
}
