/** @file Gives every page the server's time of rendering and the viewer's zone; tells the server the zone for its next rendering. */
'use client';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from 'react';
import { zoneCookie } from '@/lib/time-zone.ts';
import { setServerTime } from './clock-store.ts';

type Clock = { now: number; zone: string };

const ClockContext = createContext<Clock>({ now: 0, zone: 'UTC' });

export function useClock(): Clock {
  return useContext(ClockContext);
}

const yearSeconds = 365 * 24 * 3600;
const never = () => () => undefined;

/** @param zone what the server took for the viewer's: hydration finds it, and the browser's own replaces it at once. */
export function ClockProvider({ now, zone, children }: Clock & { children: ReactNode }) {
  const own = useSyncExternalStore(
    never,
    () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? zone,
    () => zone,
  );
  useEffect(() => setServerTime(now), [now]);
  useEffect(() => {
    if (own === zone) return;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and on plain http
    document.cookie = `${zoneCookie}=${own}; path=/; max-age=${yearSeconds}; samesite=lax`;
  }, [own, zone]);
  const value = useMemo(() => ({ now, zone: own }), [now, own]);
  return <ClockContext value={value}>{children}</ClockContext>;
}
