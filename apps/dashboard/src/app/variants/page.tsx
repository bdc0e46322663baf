/** @file Variants: what there is, what each costs, what each measured, who runs it. */
import type { Metadata } from 'next';
import { LoadFailure } from '@/components/load-failure.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { CommandLine } from '@/components/ui/command-line.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { Segmented } from '@/components/ui/segmented.tsx';
import { AssignProvider } from '@/features/assign/assign-provider.tsx';
import { deviceChoices, variantChoices } from '@/features/assign/choices.ts';
import { Catalogue } from '@/features/variants/catalogue.tsx';
import { MeasuredLatency } from '@/features/variants/measured-latency.tsx';
import { UploadBar } from '@/features/variants/upload-bar.tsx';
import { VariantGridView } from '@/features/variants/variant-grid.tsx';
import { type Figure, figureFrom, figures, figureWords, variantsView } from '@/features/variants/view-model.ts';
import { judge } from '@/lib/attention.ts';
import { loadFleet } from '@/server/queries/fleet.ts';
import { orFailure } from '@/server/queries/or-failure.ts';

export const metadata: Metadata = { title: 'Variants' };

const notes: Record<Figure, string> = {
  top1: 'top-1 %, with p95 ms below',
  p95: 'p95 ms over the fleet, with multiply-adds below',
  cost: 'multiply-adds, with p95 ms below',
};

export default async function VariantsPage({ searchParams }: PageProps<'/variants'>) {
  const [loaded, params] = await Promise.all([orFailure(loadFleet), searchParams]);
  if (!loaded.ok) {
    return (
      <>
        <TopBar title="Variants" />
        <LoadFailure cause={loaded.cause} />
      </>
    );
  }
  const facts = loaded.value;
  const chosen = figureFrom(params.show);
  const list = params.list === 'service' || params.list === 'retired' ? params.list : 'all';
  const view = variantsView({ ...facts, figure: chosen });
  const judged = facts.devices.map((device) => judge(device, facts.hub, facts.now));
  return (
    <>
      <TopBar title="Variants" />
      <main id="content">
        <UploadBar />
        {view.rows.length === 0 && view.retired.length === 0 ? (
          <NoVariants />
        ) : (
          <AssignProvider variants={variantChoices(facts.variants, facts.windows)} devices={deviceChoices(judged)}>
            <div className="grid divide-line border-line border-b max-xl:divide-y xl:grid-cols-[minmax(0,1fr)_minmax(380px,480px)] xl:divide-x">
              <Panel
                id="grid"
                title="α × ρ"
                note={notes[view.figure]}
                actions={
                  <Segmented
                    label="Figure shown"
                    current={view.figure}
                    options={figures.map((figure) => ({
                      key: figure,
                      label: figureWords[figure],
                      href: `?show=${figure}${list === 'all' ? '' : `&list=${list}`}`,
                    }))}
                  />
                }
              >
                <div className="flex flex-wrap gap-x-6 gap-y-4 px-5 pt-1 pb-4 phone:px-4">
                  {view.grids.map((grid) => (
                    <VariantGridView key={grid.key} grid={grid} rows={view.rows} figure={view.figure} />
                  ))}
                </div>
                <p className="flex items-center gap-2 px-5 pb-4 text-second text-ink-3 phone:px-4">
                  <span
                    aria-hidden="true"
                    className="grid h-4 min-w-4 place-items-center rounded-[3px] bg-ink px-1 text-[10px] leading-none font-semibold text-surface"
                  >
                    n
                  </span>
                  devices run it; the stronger the colour, the {view.figure === 'top1' ? 'more accurate' : 'more'}. Choose a place to give
                  its variant to devices.
                </p>
              </Panel>
              <MeasuredLatency measured={view.measured} />
            </div>
            <Catalogue rows={view.rows} inService={view.inService} retired={view.retired} list={list} figure={chosen} />
          </AssignProvider>
        )}
      </main>
    </>
  );
}

function NoVariants() {
  return (
    <div className="max-w-[720px] pt-5">
      <Empty title="No variants yet.">
        A variant appears with the first device that serves one, and with every file that is added to the registry.
        <div className="mt-3 grid gap-2">
          <CommandLine command="npx alpharho variants add model.tflite" />
          <CommandLine command="npx alpharho variants pull v1_0.5_160_quant" />
        </div>
      </Empty>
    </div>
  );
}
