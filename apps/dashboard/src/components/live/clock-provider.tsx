/** @file Gives every page the server's time of rendering and the viewer's zone; tells the server the zone where it guessed wrong. */
'use client';
import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { zoneCookie } from '@/lib/time-zone.ts';
import { setServerTime } from './clock-store.ts';

type Clock = { now: number; zone: string };

const ClockContext = createContext<Clock>({ now: 0, zone: 'UTC' });

export function useClock(): Clock {
  return useContext(ClockContext);
}

const yearSeconds = 365 * 24 * 3600;

export function ClockProvider({ now, zone, children }: Clock & { children: ReactNode }) {
  const router = useRouter();
  useEffect(() => setServerTime(now), [now]);
  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (own === zone || own === undefined) return;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and on plain http
    document.cookie = `${zoneCookie}=${own}; path=/; max-age=${yearSeconds}; samesite=lax`;
    router.refresh();
  }, [zone, router]);
  const value = useMemo(() => ({ now, zone }), [now, zone]);
  return <ClockContext value={value}>{children}</ClockContext>;
}
