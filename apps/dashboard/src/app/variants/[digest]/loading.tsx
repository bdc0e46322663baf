/** @file A variant, before it is there. */
import { TopBar } from '@/components/shell/top-bar.tsx';
import { SkeletonRows } from '@/components/ui/skeleton.tsx';

export default function Loading() {
  return (
    <>
      <TopBar title="Variant" parent={{ href: '/variants', label: 'Variants' }} />
      <main id="content" aria-busy="true">
        <div className="h-[320px] border-line border-b" />
        <SkeletonRows rows={8} />
      </main>
    </>
  );
}
