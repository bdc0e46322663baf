/** @file Device: what it is, what it does, and how that came about. */
import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { notFound } from 'next/navigation';
import { Link } from '@/components/link.tsx';
import { LoadFailure } from '@/components/load-failure.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { AssignProvider, ChangeVariantButton } from '@/features/assign/assign-provider.tsx';
import { deviceChoices, variantChoices } from '@/features/assign/choices.ts';
import { agreement } from '@/features/device/agreement.ts';
import { AgreementTable } from '@/features/device/agreement-table.tsx';
import { deviceChart } from '@/features/device/chart-model.ts';
import { copingNotes } from '@/features/device/coping.ts';
import { CopingNotes } from '@/features/device/coping-notes.tsx';
import { DeviceEvents } from '@/features/device/device-events.tsx';
import { DeviceHeader } from '@/features/device/device-header.tsx';
import { FactsGrid } from '@/features/device/facts-grid.tsx';
import { HistoryPanel } from '@/features/device/history-panel.tsx';
import { ResultTable } from '@/features/device/result-table.tsx';
import { RolloutNotes } from '@/features/device/rollout-notes.tsx';
import { SeesNow } from '@/features/device/sees-now.tsx';
import { TakePicture } from '@/features/device/take-picture.tsx';
import { judge, seesNow } from '@/lib/attention.ts';
import { type DeviceQuery, readDeviceQuery } from '@/lib/device-query.ts';
import { formatInteger } from '@/lib/format.ts';
import { ranges } from '@/lib/ranges.ts';
import { needsOperator } from '@/lib/status.ts';
import { usableZone, zoneCookie } from '@/lib/time-zone.ts';
import { loadDevice } from '@/server/queries/device.ts';
import { loadDeviceRollout } from '@/server/queries/device-rollout.ts';
import { loadDeviceEvents } from '@/server/queries/events.ts';
import { loadFleetWindows, loadVariants } from '@/server/queries/fleet.ts';
import { orFailure } from '@/server/queries/or-failure.ts';
import { loadSnapshots } from '@/server/queries/pictures.ts';
import { countResults, loadResults } from '@/server/queries/results.ts';

type Props = PageProps<'/devices/[id]'>;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).id) };
}

const shownResults = 12;
const shownEvents = 14;

export default async function DevicePage({ params, searchParams }: Props) {
  const [{ id: rawId }, search, jar] = await Promise.all([params, searchParams, cookies()]);
  const id = decodeURIComponent(rawId);
  const query = readDeviceQuery(search);
  const loaded = await orFailure(() => loadPage(id, query));
  if (!loaded.ok) {
    return (
      <>
        <TopBar title={id} parent={{ href: '/devices', label: 'Devices' }} />
        <LoadFailure cause={loaded.cause} />
      </>
    );
  }
  if (loaded.value === null) notFound();
  const { facts, events, results, count, variants, fleetWindows, snapshots, rollout } = loaded.value;
  const device = judge(facts.device, facts.hub, facts.now);
  const chart = deviceChart(facts.windows, { from: facts.now - ranges[query.range].ms, to: facts.now });
  const zone = usableZone(jar.get(zoneCookie)?.value);
  return (
    <>
      <TopBar title={id} parent={{ href: '/devices', label: 'Devices' }} />
      <main id="content">
        <AssignProvider variants={variantChoices(variants, fleetWindows)} devices={deviceChoices([device])}>
          <DeviceHeader device={device} action={<ChangeVariantButton deviceId={id} />} />
        </AssignProvider>
        <FactsGrid device={device} system={facts.system} />
        <RolloutNotes facts={facts.device} rollout={rollout} variants={variants} />
        <CopingNotes notes={copingNotes(facts.device, facts.system)} />
        {/* Two columns; where there is room for one, what it sees comes first and the long list of results last. */}
        <div className="flex flex-col xl:grid xl:grid-cols-[minmax(0,1fr)_400px]">
          <div className="contents min-w-0 xl:block">
            <div className="order-2 border-line border-b">
              <HistoryPanel chart={chart} query={query} variants={facts.variants} zone={zone} />
            </div>
            <div className="order-3 border-line border-b">
              <AgreementTable rows={agreement(device)} failed={needsOperator(device.update.state)} />
            </div>
            <Panel
              id="results"
              className="order-5"
              title="Results"
              note={`${formatInteger(count)} kept`}
              actions={
                <Link href={`/devices/${rawId}/results`} className="text-accent underline-offset-2 hover:underline phone:py-3">
                  All results
                </Link>
              }
            >
              {results.rows.length === 0 ? <Empty title="No results yet." /> : <ResultTable results={results.rows} />}
            </Panel>
          </div>
          <div className="contents border-line xl:block xl:border-l">
            <div className="order-1 border-line border-b">
              <SeesNow facts={facts.device} live={seesNow(device)}>
                <TakePicture deviceId={id} connectivity={device.connectivity.state} {...snapshots} />
              </SeesNow>
            </div>
            <DeviceEvents className="order-4" events={events} query={query} path={`/devices/${rawId}`} />
          </div>
        </div>
      </main>
    </>
  );
}

async function loadPage(id: string, { range, level }: DeviceQuery) {
  const facts = await loadDevice(id, range);
  if (facts === null) return null;
  const [{ events }, results, count, variants, fleetWindows, snapshots, rollout] = await Promise.all([
    loadDeviceEvents(id, { limit: shownEvents, level }),
    loadResults(id, shownResults),
    countResults(id),
    loadVariants(),
    loadFleetWindows(),
    loadSnapshots(id),
    loadDeviceRollout(id),
  ]);
  return { facts, events, results, count, variants, fleetWindows, snapshots, rollout };
}
