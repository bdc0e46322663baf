/** @file A choice of few, each an address of its own, so that it can be shared and gone back from. */

import { Link } from '@/components/link.tsx';
import { cn } from '@/lib/cn.ts';

type Option = { key: string; label: string; href: string };

export function Segmented({ label, options, current }: { label: string; options: Option[]; current: string }) {
  return (
    <nav aria-label={label} className="inline-flex rounded-control border border-line-2 phone:flex phone:grow">
      {options.map(({ key, label: text, href }) => (
        <Link
          key={key}
          href={href}
          scroll={false}
          replace
          aria-current={key === current ? 'true' : undefined}
          className={cn(
            'inline-flex h-7 grow items-center justify-center whitespace-nowrap border-line-2 px-2.5 text-second font-medium first:rounded-l-[5px] last:rounded-r-[5px] not-first:border-l phone:h-11',
            key === current ? 'bg-ink text-surface' : 'text-ink-2 hover:bg-sunken',
          )}
        >
          {text}
        </Link>
      ))}
    </nav>
  );
}
