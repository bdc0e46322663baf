/** @file Fields of a draft: what is typed stands in the address a moment later. */
'use client';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { cn } from '@/lib/cn.ts';

const box = 'h-[30px] rounded-control border border-line-2 bg-sunken px-2 text-ink placeholder:text-ink-3 phone:h-11';

type Props = {
  value: string;
  onWrite: (value: string) => void;
  label: string;
  /** Seen only by those who hear the page. */
  hidden?: boolean;
  note?: ReactNode;
  placeholder?: string;
  numeric?: boolean;
  type?: 'text' | 'time' | 'datetime-local';
  className?: string;
  maxLength?: number;
  /** In a list: fields and units stand below each other. */
  aligned?: boolean;
};

export function TextField({
  value,
  onWrite,
  label,
  hidden = false,
  note,
  placeholder,
  numeric = false,
  type = 'text',
  className,
  maxLength = 200,
  aligned = false,
}: Props) {
  const [text, setText] = useState(value);
  const written = useRef(value);
  // Changed by something else: a click beside it, or going back.
  useEffect(() => {
    if (value === written.current) return;
    written.current = value;
    setText(value);
  }, [value]);
  const change = (next: string) => {
    setText(next);
    written.current = next;
    onWrite(next);
  };
  return (
    <label className={cn('flex items-center gap-x-2 gap-y-1', !aligned && 'flex-wrap')}>
      <span className={hidden ? 'sr-only' : aligned ? 'min-w-0 flex-1' : undefined}>{label}</span>
      <input
        type={type}
        value={text}
        onChange={(event) => change(event.target.value)}
        placeholder={placeholder}
        inputMode={numeric ? 'decimal' : undefined}
        autoComplete="off"
        spellCheck={false}
        maxLength={maxLength}
        className={cn(box, numeric ? 'figures w-20 text-right' : 'min-w-0', className)}
      />
      {note !== undefined && <span className={cn('text-second text-ink-3', aligned && 'w-9')}>{note}</span>}
    </label>
  );
}

export function Tickbox({ checked, onWrite, children }: { checked: boolean; onWrite: (checked: boolean) => void; children: ReactNode }) {
  return (
    <label className="inline-flex min-h-6 items-center gap-2 phone:min-h-11">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onWrite(event.target.checked)}
        className="size-4 accent-[var(--accent)]"
      />
      <span className="min-w-0">{children}</span>
    </label>
  );
}

type SelectProps = {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  onWrite: (value: string) => void;
  hidden?: boolean;
};

export function SelectField({ label, value, options, onWrite, hidden = false }: SelectProps) {
  return (
    <label className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
      <span className={hidden ? 'sr-only' : undefined}>{label}</span>
      <select value={value} onChange={(event) => onWrite(event.target.value)} className={cn(box, 'min-w-0 max-w-full pr-6')}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}
