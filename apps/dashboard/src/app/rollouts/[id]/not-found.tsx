/** @file There is no such rollout. */
import { Link } from '@/components/link.tsx';
import { HoldStill } from '@/components/live/hold-still.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { Empty } from '@/components/ui/empty.tsx';

export default function NotFound() {
  return (
    <>
      <TopBar title="Rollout" parent={{ href: '/rollouts', label: 'Rollouts' }} />
      <main id="content" className="pt-4">
        <HoldStill />
        <Empty title="There is no such rollout.">
          <Link href="/rollouts" className="text-accent underline-offset-2 hover:underline">
            All rollouts
          </Link>
        </Empty>
      </main>
    </>
  );
}
