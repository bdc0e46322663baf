/** @file Keeps the page true: listens to the change feed and refreshes what is shown, as long as somebody looks. */
'use client';
import { usePathname, useRouter } from 'next/navigation';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState, useTransition } from 'react';
import { LiveConnection, type LiveState } from '@/lib/live-connection.ts';
import { topicsOf } from '@/lib/live-topics.ts';
import { RefreshPacer } from '@/lib/refresh-pacer.ts';
import { currentTime } from './clock-store.ts';
import { stillSelector } from './hold-still.tsx';

type Live = { state: LiveState; contactAt: number | null };

const LiveContext = createContext<Live>({ state: 'connecting', contactAt: null });

export function useLive(): Live {
  return useContext(LiveContext);
}

/** Once a second is as often as a number can be read. */
const refreshEveryMs = 1000;
const timers = {
  setTimeout: (run: () => void, ms: number) => window.setTimeout(run, ms),
  clearTimeout: (handle: never) => window.clearTimeout(handle),
  now: () => performance.now(),
};

export function LiveProvider({ children }: { children: ReactNode }) {
  const router = useRouter();
  const pathname = usePathname();
  const [state, setState] = useState<LiveState>('connecting');
  const [contactAt, setContactAt] = useState<number | null>(null);
  const [refreshing, startRefresh] = useTransition();
  const concerns = useRef(topicsOf(pathname));
  const pacer = useRef<RefreshPacer>(undefined);

  useEffect(() => {
    concerns.current = topicsOf(pathname);
  }, [pathname]);

  useEffect(() => {
    const own = new RefreshPacer({ intervalMs: refreshEveryMs, refresh: () => startRefresh(() => router.refresh()), timers });
    const ask = () => {
      if (document.querySelector(stillSelector) === null) own.request();
    };
    pacer.current = own;
    const connection = new LiveConnection({
      open: () => new EventSource('/api/live'),
      timers,
      random: Math.random,
      onState: setState,
      onContact: () => setContactAt(currentTime()),
      onResync: ask,
      onChange: (topics) => {
        if (topics.some((topic) => concerns.current(topic))) ask();
      },
    });
    const visibility = () => (document.hidden ? connection.pause() : connection.resume());
    document.addEventListener('visibilitychange', visibility);
    if (document.hidden) connection.pause();
    else connection.start();
    const settle = window.setTimeout(() => document.documentElement.setAttribute('data-settled', ''), refreshEveryMs);
    return () => {
      window.clearTimeout(settle);
      document.removeEventListener('visibilitychange', visibility);
      connection.stop();
      own.stop();
    };
  }, [router]);

  useEffect(() => {
    if (!refreshing) pacer.current?.settled();
  }, [refreshing]);

  const value = useMemo(() => ({ state, contactAt }), [state, contactAt]);
  return <LiveContext value={value}>{children}</LiveContext>;
}
