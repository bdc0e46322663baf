/** @file Rollouts, before they are there. */
import { TopBar } from '@/components/shell/top-bar.tsx';
import { SkeletonRows } from '@/components/ui/skeleton.tsx';

export default function Loading() {
  return (
    <>
      <TopBar title="Rollouts" />
      <main id="content" aria-busy="true">
        <SkeletonRows rows={5} />
      </main>
    </>
  );
}
