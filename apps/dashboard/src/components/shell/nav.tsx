/** @file The pages there are, as a sidebar and, on a phone, as a tab bar. */
'use client';
import { Cpu, GitCommitHorizontal, Grid3x3, LayoutDashboard, type LucideIcon } from 'lucide-react';
import { usePathname } from 'next/navigation';
import { Link } from '@/components/link.tsx';
import { cn } from '@/lib/cn.ts';

export type NavCounts = { devices: number; variants: number; critical: number; rollouts: number };

type Entry = { href: string; label: string; icon: LucideIcon; count?: number; alarm?: number; live?: number };

function entries(counts: NavCounts | undefined): Entry[] {
  return [
    { href: '/', label: 'Fleet', icon: LayoutDashboard, alarm: counts?.critical },
    { href: '/devices', label: 'Devices', icon: Cpu, count: counts?.devices },
    { href: '/rollouts', label: 'Rollouts', icon: GitCommitHorizontal, live: counts?.rollouts },
    { href: '/variants', label: 'Variants', icon: Grid3x3, count: counts?.variants },
  ];
}

function isCurrent(href: string, pathname: string): boolean {
  return href === '/' ? pathname === '/' : pathname === href || pathname.startsWith(`${href}/`);
}

export function SidebarNav({ counts }: { counts: NavCounts | undefined }) {
  const pathname = usePathname();
  return (
    <nav aria-label="Pages" className="flex flex-col gap-0.5 px-2">
      {entries(counts).map(({ href, label, icon: Icon, count, alarm, live }) => {
        const current = isCurrent(href, pathname);
        return (
          <Link
            key={href}
            href={href}
            aria-current={current ? 'page' : undefined}
            title={label}
            className={cn(
              'flex h-[30px] items-center gap-2.5 rounded-control border px-2 max-lg:justify-center',
              current ? 'border-line bg-raised font-medium' : 'border-transparent text-ink-2 hover:text-ink',
            )}
          >
            <Icon size={16} strokeWidth={1.75} aria-hidden="true" className={cn('shrink-0', current ? 'text-accent' : 'text-ink-3')} />
            <span className="max-lg:sr-only">{label}</span>
            {count !== undefined && <span className="figures ml-auto text-second text-ink-3 max-lg:hidden">{count}</span>}
            {live !== undefined && live > 0 && <span className="figures ml-auto text-second text-accent max-lg:hidden">{live} live</span>}
            {alarm !== undefined && alarm > 0 && (
              <span className="figures ml-auto text-second text-bad max-lg:hidden" title={`${alarm} critical`}>
                {alarm}
              </span>
            )}
          </Link>
        );
      })}
    </nav>
  );
}

/** An object that is steered has its own bar there. */
const steered = /^\/rollouts\/[^/]+$/;

export function TabBar({ counts }: { counts: NavCounts | undefined }) {
  const pathname = usePathname();
  if (steered.test(pathname)) return null;
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-20 hidden border-line border-t bg-surface pb-[env(safe-area-inset-bottom)] phone:flex"
    >
      {entries(counts).map(({ href, label, icon: Icon, alarm }) => {
        const current = isCurrent(href, pathname);
        return (
          <Link
            key={href}
            href={href}
            aria-current={current ? 'page' : undefined}
            className={cn(
              'relative flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-axis',
              current ? 'font-medium text-accent' : 'text-ink-2',
            )}
          >
            <span className="relative">
              <Icon size={20} strokeWidth={1.75} aria-hidden="true" />
              {alarm !== undefined && alarm > 0 && (
                <span className="absolute -top-1.5 left-3.5 grid h-4 min-w-4 place-items-center rounded-full bg-bad-mark px-1 text-[10px] text-surface leading-none">
                  {alarm}
                  <span className="sr-only"> critical</span>
                </span>
              )}
            </span>
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
