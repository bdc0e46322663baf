/** @file Table parts: head 32 px, rows 34 px, text left and numbers right, 20 px to the edges. */

import type { ComponentProps, ReactNode } from 'react';
import { cn } from '@/lib/cn.ts';

type CellProps = { numeric?: boolean };

const edge = 'first:pl-5 last:pr-5 phone:first:pl-4 phone:last:pr-4 px-2';

/** @param label what the table holds, for those who do not see it. */
export function Table({ label, children, className }: { label: string; children: ReactNode; className?: string }) {
  return (
    <table aria-label={label} className={cn('w-full', className)}>
      {children}
    </table>
  );
}

export function Head({ numeric = false, className, ...rest }: CellProps & ComponentProps<'th'>) {
  return (
    <th
      scope="col"
      className={cn('h-8 whitespace-nowrap text-second font-medium text-ink-3', edge, numeric ? 'text-right' : 'text-left', className)}
      {...rest}
    />
  );
}

export function HeadRow({ children }: { children: ReactNode }) {
  return (
    <thead>
      <tr className="border-b border-line-2">{children}</tr>
    </thead>
  );
}

export function Row({ className, ...rest }: ComponentProps<'tr'>) {
  return <tr className={cn('border-b border-line hover:bg-sunken', className)} {...rest} />;
}

export function Cell({ numeric = false, className, ...rest }: CellProps & ComponentProps<'td'>) {
  return <td className={cn('h-[34px] whitespace-nowrap', edge, numeric && 'text-right', className)} {...rest} />;
}

/** The row's name. */
export function NameCell({ className, ...rest }: ComponentProps<'th'>) {
  return <th scope="row" className={cn('h-[34px] whitespace-nowrap text-left font-medium', edge, className)} {...rest} />;
}
