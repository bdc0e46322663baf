/** @file The frame itself failed: nothing of it can be used, so this page brings its own. */
'use client';

export default function GlobalError({ error, retry }: { error: unknown; retry: () => void }) {
  const reference = error instanceof Error && 'digest' in error ? String(error.digest) : undefined;
  return (
    <html lang="en">
      <body style={{ margin: 0, padding: 24, font: '14px/1.5 system-ui, sans-serif', colorScheme: 'light dark' }}>
        <title>Alpharho: failed</title>
        <h1 style={{ fontSize: 16, margin: 0 }}>The dashboard could not be shown.</h1>
        <p>Its settings or its database cannot be read. The fleet goes on by itself: devices keep what they run and what they see.</p>
        {reference !== undefined && <p>In the dashboard's log: {reference}</p>}
        <button type="button" onClick={retry}>
          Try again
        </button>
      </body>
    </html>
  );
}
