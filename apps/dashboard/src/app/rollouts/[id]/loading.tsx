/** @file A rollout, before it is there. */
import { TopBar } from '@/components/shell/top-bar.tsx';
import { SkeletonRows, SkeletonTiles } from '@/components/ui/skeleton.tsx';

export default function Loading() {
  return (
    <>
      <TopBar title="Rollout" parent={{ href: '/rollouts', label: 'Rollouts' }} />
      <main id="content" aria-busy="true">
        <SkeletonTiles />
        <SkeletonRows rows={6} />
      </main>
    </>
  );
}
