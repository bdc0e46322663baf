/** @file The bar over every page: where one is, whether what is shown is live. */
import { ChevronLeft } from 'lucide-react';
import { Link } from '@/components/link.tsx';
import { ClockNow } from '@/components/live/age.tsx';
import { LiveStatus } from '@/components/live/live-status.tsx';
import { Logo } from './logo.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

type Props = {
  title: string;
  /** Where the page hangs: its link stands where the title would, and the object's own heading follows below. */
  parent?: { href: string; label: string };
};

export function TopBar({ title, parent }: Props) {
  return (
    <header className="sticky top-0 z-10 flex h-12 items-center gap-3 border-line border-b bg-surface px-5 phone:h-[52px] phone:px-4">
      {parent === undefined ? (
        <>
          <span className="sm:hidden">
            <Logo />
          </span>
          <h1 className="text-title">{title}</h1>
        </>
      ) : (
        <Link
          href={parent.href}
          className="-ml-1 inline-flex h-8 items-center gap-1 rounded-control pr-2 text-ink-2 hover:text-ink phone:h-11"
        >
          <ChevronLeft size={16} strokeWidth={1.75} aria-hidden="true" />
          {parent.label}
        </Link>
      )}
      <div className="ml-auto flex items-center gap-3">
        <LiveStatus />
        <ClockNow className="figures text-ink-3 phone:hidden" />
        <ThemeToggle />
      </div>
    </header>
  );
}
