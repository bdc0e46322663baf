/** @file A page whose data could not be read: what failed, why, "Try again". It also tries by itself, as every page refreshes. */
'use client';
import { useRouter } from 'next/navigation';
import { PageFailure } from './page-failure.tsx';

export function LoadFailure({ cause }: { cause: string }) {
  const router = useRouter();
  return (
    <main id="content">
      <PageFailure
        title="The database cannot be read."
        cause={`${cause} The fleet goes on meanwhile: devices keep their results.`}
        onRetry={() => router.refresh()}
      />
    </main>
  );
}
