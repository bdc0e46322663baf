/** @file A page that could not be made. The cause stands in the server's log under the reference; here it would only help an attacker. */
'use client';
import { useEffect, useRef } from 'react';
import { useLive } from '@/components/live/live-provider.tsx';
import { LiveStatus } from '@/components/live/live-status.tsx';
import { PageFailure } from '@/components/page-failure.tsx';

export default function ErrorPage({ error, retry }: { error: unknown; retry: () => void }) {
  const reference = error instanceof Error && 'digest' in error ? String(error.digest) : undefined;
  const { state } = useLive();
  const before = useRef(state);
  // A server that went away in the middle of an answer leaves this page behind; its return mends it.
  useEffect(() => {
    const cameBack = before.current !== 'live' && state === 'live';
    before.current = state;
    if (cameBack) retry();
  }, [state, retry]);
  return (
    <main id="content">
      <header className="flex h-12 items-center border-line border-b px-5 phone:px-4">
        <h1 className="text-title">This page failed</h1>
        <div className="ml-auto">
          <LiveStatus />
        </div>
      </header>
      <PageFailure
        title="The page could not be made."
        cause="A fault of the dashboard itself. The fleet goes on meanwhile: devices keep their results."
        reference={reference}
        onRetry={retry}
      />
    </main>
  );
}
