/** @file One rollout: what holds, what decides it, and what can be done. */
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { LoadFailure } from '@/components/load-failure.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { FigureRow } from '@/features/rollouts/figure-row.tsx';
import { gateView } from '@/features/rollouts/gate-model.ts';
import { GateTable, VerdictBand } from '@/features/rollouts/gate-panel.tsx';
import { LimitsPanel, OrderPanel } from '@/features/rollouts/plan-panels.tsx';
import { PreviewPanel } from '@/features/rollouts/preview-panel.tsx';
import { RolloutHeader } from '@/features/rollouts/rollout-header.tsx';
import { StageSquares } from '@/features/rollouts/stage-squares.tsx';
import { offersOf } from '@/features/rollouts/steering.ts';
import { SteeringBar } from '@/features/rollouts/steering-bar.tsx';
import { consequence, followsOf, standing, stepsOf } from '@/features/rollouts/steps.ts';
import { FollowsPanel, StepsPanel } from '@/features/rollouts/steps-panel.tsx';
import { Timeline } from '@/features/rollouts/timeline.tsx';
import { UnsettledList } from '@/features/rollouts/unsettled-list.tsx';
import { shortBoard } from '@/lib/device-facts.ts';
import { goesBack, isOver } from '@/lib/rollout-words.ts';
import { orFailure } from '@/server/queries/or-failure.ts';
import { loadRolloutPage } from '@/server/queries/rollout-page.ts';

type Props = PageProps<'/rollouts/[id]'>;

const parent = { href: '/rollouts', label: 'Rollouts' };
const shownEvents = 14;

export const metadata: Metadata = { title: 'Rollout' };

export default async function RolloutPage({ params, searchParams }: Props) {
  const [{ id }, search] = await Promise.all([params, searchParams]);
  const loaded = await orFailure(() => loadRolloutPage(id));
  if (!loaded.ok) {
    return (
      <>
        <TopBar title="Rollout" parent={parent} />
        <LoadFailure cause={loaded.cause} />
      </>
    );
  }
  if (loaded.value === null) notFound();
  const { rollout, events, variants, fleet, preview } = loaded.value;
  const view = gateView(rollout.verdicts, (name) => shortBoard(name) ?? name);
  const back = goesBack(rollout.state, rollout.pausedFrom);
  const all = search.timeline === 'all' || events.length <= shownEvents;
  const more = all ? null : { href: `/rollouts/${id}?timeline=all`, label: `All ${events.length}` };
  const next = rollout.devices.filter(({ phase, state }) => phase === rollout.phase + 1 && state === 'waiting').length;
  return (
    <>
      <TopBar title={rollout.name} parent={parent} />
      <main id="content" className="phone:pb-20">
        <RolloutHeader rollout={rollout} variants={variants} events={events}>
          <SteeringBar id={id} offers={offersOf(rollout, preview?.ok ? preview.preview : null)} fleet={fleet} />
        </RolloutHeader>
        {preview === null && <FigureRow rollout={rollout} />}
        {view === null || (view.outcome !== 'fail' && (back || isOver(rollout.state))) ? (
          <p role="status" className="border-line border-b px-5 py-2.5 text-ink-2 phone:px-4">
            {standing(rollout)}{' '}
            {view === null && rollout.startedAt !== null && !isOver(rollout.state) && 'The gates have nothing to judge yet.'}
          </p>
        ) : (
          <VerdictBand view={view} follows={consequence(rollout, view)} />
        )}
        {preview === null ? <StageSquares rollout={rollout} /> : <PreviewPanel outcome={preview} fleet={fleet} />}
        <div className="grid divide-line max-xl:divide-y xl:grid-cols-[216px_minmax(0,1fr)_272px] xl:divide-x">
          <div className="order-2 divide-y divide-line xl:order-1">
            <StepsPanel steps={stepsOf(rollout)} />
            {!back && !isOver(rollout.state) && (
              <FollowsPanel follows={followsOf(rollout.spec, rollout.phase, preview === null ? next : null)} />
            )}
          </div>
          <div className="order-1 min-w-0 xl:order-2">
            {preview?.ok && <OrderPanel spec={rollout.spec} preview={preview.preview} />}
            {view === null ? <LimitsPanel spec={rollout.spec} /> : <GateTable rows={view.rows} />}
          </div>
          <div className="order-3 divide-y divide-line">
            <UnsettledList devices={rollout.devices} />
            <Timeline events={all ? events : events.slice(0, shownEvents)} more={more} />
          </div>
        </div>
      </main>
    </>
  );
}
