/** @file A panel: a heading of 40 px over its content, split from its neighbours by hairlines. Never a card. */

import type { ReactNode } from 'react';
import { cn } from '@/lib/cn.ts';

type Props = { id: string; title: ReactNode; note?: ReactNode; actions?: ReactNode; children: ReactNode; className?: string };

export function Panel({ id, title, note, actions, children, className }: Props) {
  return (
    <section aria-labelledby={id} className={cn('min-w-0', className)}>
      <div className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 px-5 py-1 phone:px-4">
        <h2 id={id} className="font-semibold">
          {title}
        </h2>
        {note !== undefined && <span className="text-second text-ink-3">{note}</span>}
        {actions !== undefined && <div className="ml-auto flex flex-wrap items-center gap-2 phone:justify-end">{actions}</div>}
      </div>
      {children}
    </section>
  );
}
