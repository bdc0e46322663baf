/** @file The draft as its operator sees it: a change shows at once, and stands in the address a moment after the last key. */
'use client';
import { useRouter } from 'next/navigation';
import { createContext, useContext, useEffect, useRef, useState } from 'react';
import { type Draft, draftHref } from './draft.ts';

type DraftPen = {
  draft: Draft;
  /** @param at `rest`: while somebody types */
  change: (patch: Partial<Draft>, at?: 'once' | 'rest') => void;
  /** A link leads to another step: what was typed goes along. */
  leave: () => void;
};

export const DraftContext = createContext<DraftPen | null>(null);

const restMs = 350;

/**
 * INVARIANT: `latest` holds every change, so that two fields changed in a row do not undo each other; and as long as an address is under
 * way, what the page says of an older one is not taken for a change.
 * @param address the draft as the page's address has it
 */
export function useDraftPen(address: Draft): DraftPen {
  const router = useRouter();
  const [draft, setDraft] = useState(address);
  const latest = useRef(address);
  const underWay = useRef<string>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (draftHref(address) === underWay.current) underWay.current = undefined;
    if (timer.current !== undefined || underWay.current !== undefined) return;
    latest.current = address;
    setDraft(address);
  }, [address]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const leave = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
  };
  const write = () => {
    leave();
    underWay.current = draftHref(latest.current);
    router.replace(underWay.current, { scroll: false });
  };
  const change: DraftPen['change'] = (patch, at = 'once') => {
    latest.current = { ...latest.current, ...patch };
    setDraft(latest.current);
    clearTimeout(timer.current);
    if (at === 'once') write();
    else timer.current = setTimeout(write, restMs);
  };
  return { draft, change, leave };
}

export function useDraft(): DraftPen {
  const pen = useContext(DraftContext);
  if (pen === null) throw new Error('a field of the draft stands outside of its form');
  return pen;
}
