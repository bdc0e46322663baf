/** @file One fact of a device: its name, what it is, and what is said beside it. */
import type { ReactNode } from 'react';
import { none } from '@/lib/format.ts';

/** @param wide takes a phone's whole width: variants are never cut. */
export function Fact({ label, title, wide = false, children }: { label: string; title?: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={`min-w-0 ${wide ? 'phone:col-span-2' : ''}`}>
      <dt className="text-axis text-ink-3">{label}</dt>
      <dd className="truncate" title={title}>
        {children}
      </dd>
    </div>
  );
}

export function Minor({ children }: { children: ReactNode }) {
  return <span className="text-ink-3">{children}</span>;
}

export function Nothing() {
  return <span className="text-ink-4">{none}</span>;
}
