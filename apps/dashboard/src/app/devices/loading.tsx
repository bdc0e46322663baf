/** @file Devices, before the list is there. */
import { TopBar } from '@/components/shell/top-bar.tsx';
import { SkeletonRows } from '@/components/ui/skeleton.tsx';

export default function Loading() {
  return (
    <>
      <TopBar title="Devices" />
      <main id="content" aria-busy="true">
        <div className="min-h-11 border-line border-b" />
        <SkeletonRows rows={12} />
      </main>
    </>
  );
}
