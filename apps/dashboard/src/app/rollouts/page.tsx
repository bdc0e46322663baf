/** @file Rollouts: what is on its way through the fleet, and what was. */
import type { Metadata } from 'next';
import { Link } from '@/components/link.tsx';
import { LoadFailure } from '@/components/load-failure.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { RolloutList } from '@/features/rollouts/rollout-list.tsx';
import { isLive } from '@/lib/rollout-words.ts';
import { loadVariants } from '@/server/queries/fleet.ts';
import { orFailure } from '@/server/queries/or-failure.ts';
import { loadRollouts } from '@/server/queries/rollouts.ts';

export const metadata: Metadata = { title: 'Rollouts' };

export default async function RolloutsPage() {
  const loaded = await orFailure(() => Promise.all([loadRollouts(), loadVariants()]));
  if (!loaded.ok) {
    return (
      <>
        <TopBar title="Rollouts" />
        <LoadFailure cause={loaded.cause} />
      </>
    );
  }
  const [rollouts, variants] = loaded.value;
  const live = rollouts.filter(({ state }) => isLive(state)).length;
  return (
    <>
      <TopBar title="Rollouts" />
      <main id="content">
        <Panel
          id="rollouts"
          title="Rollouts"
          note={rollouts.length === 0 ? undefined : `${live} live, ${rollouts.length} in all`}
          actions={
            <Link href="/rollouts/new" className={buttonClass({ tone: 'primary' })}>
              New rollout
            </Link>
          }
        >
          {rollouts.length === 0 ? (
            <Empty title="No rollout yet.">
              A rollout takes a variant to many devices in stages, watches what the model does on each, and comes back by itself where that
              is worse. “New rollout” begins one; nothing moves before it is started.
            </Empty>
          ) : (
            <RolloutList rollouts={rollouts} variants={new Map(variants.map((variant) => [variant.id, variant]))} />
          )}
        </Panel>
      </main>
    </>
  );
}
