/** @file The frame of every page: navigation, banners, the clock, the live connection. */
import '@fontsource-variable/inter/wght.css';
import './globals.css';
import { GeistMono } from 'geist/font/mono';
import type { Metadata, Viewport } from 'next';
import { cookies, headers } from 'next/headers';
import { ThemeProvider } from 'next-themes';
import type { ReactNode } from 'react';
import { ClockProvider } from '@/components/live/clock-provider.tsx';
import { LiveProvider } from '@/components/live/live-provider.tsx';
import { HubBanner, OpenDoorBanner } from '@/components/shell/banners.tsx';
import { Logo } from '@/components/shell/logo.tsx';
import { SidebarNav, TabBar } from '@/components/shell/nav.tsx';
import { usableZone, zoneCookie } from '@/lib/time-zone.ts';
import { isLoopback, loadConfig } from '@/server/config.ts';
import { loadShell } from '@/server/queries/shell.ts';

export const metadata: Metadata = {
  title: { default: 'Alpharho', template: '%s · Alpharho' },
  description: 'Which MobileNet each board runs, and how well',
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  viewportFit: 'cover',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#11151d' },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const now = Date.now();
  const [shell, cookieJar, headerList] = await Promise.all([loadShell(now), cookies(), headers()]);
  const zone = usableZone(cookieJar.get(zoneCookie)?.value);
  const { host } = loadConfig();
  return (
    <html lang="en" suppressHydrationWarning className={GeistMono.variable}>
      <body>
        <ThemeProvider
          attribute="data-theme"
          defaultTheme="system"
          disableTransitionOnChange
          nonce={headerList.get('x-nonce') ?? undefined}
        >
          <ClockProvider now={now} zone={zone}>
            <LiveProvider>
              <a
                href="#content"
                className="sr-only z-50 rounded-control bg-ink px-3 py-2 text-surface focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
              >
                Skip to the content
              </a>
              <div className="min-h-dvh sm:grid sm:grid-cols-[56px_minmax(0,1fr)] lg:grid-cols-[196px_minmax(0,1fr)]">
                <aside className="sticky top-0 hidden h-dvh flex-col border-line border-r bg-canvas sm:flex">
                  <div className="mb-2 flex h-12 items-center gap-2.5 px-4 font-semibold text-title max-lg:justify-center max-lg:px-0">
                    <Logo />
                    <span className="max-lg:sr-only">Alpharho</span>
                  </div>
                  <SidebarNav counts={shell} />
                </aside>
                <div className="min-w-0 phone:pb-[calc(56px+env(safe-area-inset-bottom))]">
                  {!isLoopback(host) && <OpenDoorBanner host={host} />}
                  {shell !== undefined && <HubBanner hub={shell.hub} />}
                  {children}
                </div>
              </div>
              <TabBar counts={shell} />
            </LiveProvider>
          </ClockProvider>
        </ThemeProvider>
      </body>
    </html>
  );
}
