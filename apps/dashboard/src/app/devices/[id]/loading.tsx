/** @file Device, before its facts are there. */
import { TopBar } from '@/components/shell/top-bar.tsx';
import { SkeletonRows } from '@/components/ui/skeleton.tsx';

export default function Loading() {
  return (
    <>
      <TopBar title="Device" parent={{ href: '/devices', label: 'Devices' }} />
      <main id="content" aria-busy="true">
        <div className="skeleton flex h-[54px] items-center gap-4 border-line border-b px-5 phone:px-4" aria-hidden="true">
          <div className="skeleton-bar h-4 w-32" />
          <div className="skeleton-bar w-24" />
          <div className="skeleton-bar w-24" />
        </div>
        <SkeletonRows rows={10} />
      </main>
    </>
  );
}
