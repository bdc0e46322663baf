/** @file Finds devices by name, board or variant while one types; the words stand in the address. */
'use client';
import { Search } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { type ListQuery, listHref } from './device-list-query.ts';

const restMs = 200;

export function SearchField({ query }: { query: ListQuery }) {
  const router = useRouter();
  const [text, setText] = useState(query.text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const written = useRef(query.text);
  // The address was changed by something else: "Clear filters", or going back.
  useEffect(() => {
    if (query.text === written.current) return;
    written.current = query.text;
    setText(query.text);
  }, [query.text]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (value: string) => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      written.current = value.trim();
      router.replace(listHref(query, { text: value.trim() }), { scroll: false });
    }, restMs);
  };
  return (
    <search className="relative min-w-0 flex-1 sm:max-w-64 phone:basis-[60%]">
      <Search size={14} strokeWidth={2} aria-hidden="true" className="absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-3" />
      <input
        type="search"
        value={text}
        onChange={(event) => change(event.target.value)}
        placeholder="Name, board or variant"
        aria-label="Find devices"
        maxLength={64}
        className="h-[30px] w-full rounded-control border border-line-2 bg-sunken pr-2 pl-8 placeholder:text-ink-3 phone:h-11"
      />
    </search>
  );
}
