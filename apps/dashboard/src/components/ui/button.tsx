/** @file The one button: primary, plain or quiet; 30 px, 26 in rows, 44 on touch. */

import type { ComponentProps } from 'react';
import { cn } from '@/lib/cn.ts';

type Look = { tone?: 'primary' | 'plain' | 'quiet'; size?: 'normal' | 'row' };

export function buttonClass({ tone = 'plain', size = 'normal' }: Look = {}, className?: string): string {
  return cn(
    'inline-flex items-center justify-center gap-1.5 whitespace-nowrap rounded-control font-medium motion-safe:transition-colors motion-safe:duration-100',
    'disabled:cursor-default disabled:border-line disabled:bg-transparent disabled:text-ink-4',
    size === 'normal' ? 'h-[30px] px-3 phone:h-11 phone:px-4' : 'h-[26px] px-2.5 text-second phone:h-11 phone:px-3.5',
    tone === 'primary' && 'border border-accent bg-accent text-on-accent hover:border-accent-2 hover:bg-accent-2',
    tone === 'plain' && 'border border-line-2 bg-raised hover:bg-sunken',
    tone === 'quiet' && 'text-ink-2 hover:bg-sunken hover:text-ink',
    className,
  );
}

export function Button({ tone, size, className, type = 'button', ...rest }: Look & ComponentProps<'button'>) {
  return <button type={type} className={buttonClass({ tone, size }, className)} {...rest} />;
}
