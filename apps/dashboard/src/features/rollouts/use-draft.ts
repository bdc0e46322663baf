/** @file Writes what an operator changes into the address, a moment after the last key. */
'use client';
import { useRouter } from 'next/navigation';
import { createContext, useContext, useEffect, useRef } from 'react';
import { type Draft, draftHref } from './draft.ts';

type DraftPen = { draft: Draft; change: (patch: Partial<Draft>, at?: 'once' | 'rest') => void };

export const DraftContext = createContext<DraftPen | null>(null);

const restMs = 350;

/** INVARIANT: `latest` holds every change, written or about to be, so that two fields changed in a row do not undo each other. */
export function useDraftPen(draft: Draft): DraftPen {
  const router = useRouter();
  const latest = useRef(draft);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    // The address was changed by something else, or has arrived.
    if (timer.current === undefined) latest.current = draft;
  }, [draft]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const write = () => {
    timer.current = undefined;
    router.replace(draftHref(latest.current), { scroll: false });
  };
  const change: DraftPen['change'] = (patch, at = 'once') => {
    latest.current = { ...latest.current, ...patch };
    clearTimeout(timer.current);
    if (at === 'once') write();
    else timer.current = setTimeout(write, restMs);
  };
  return { draft, change };
}

export function useDraft(): DraftPen {
  const pen = useContext(DraftContext);
  if (pen === null) throw new Error('a field of the draft stands outside of its form');
  return pen;
}
