/** @file Fleet, before its numbers are there. */
import { TopBar } from '@/components/shell/top-bar.tsx';
import { SkeletonRows, SkeletonTiles } from '@/components/ui/skeleton.tsx';

export default function Loading() {
  return (
    <>
      <TopBar title="Fleet" />
      <main id="content" aria-busy="true">
        <SkeletonTiles />
        <SkeletonRows rows={6} />
      </main>
    </>
  );
}
