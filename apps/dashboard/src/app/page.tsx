/** @file Fleet: do I have to act? */
import type { Metadata } from 'next';
import { Link } from '@/components/link.tsx';
import { LoadFailure } from '@/components/load-failure.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { AssignProvider } from '@/features/assign/assign-provider.tsx';
import { deviceChoices, variantChoices } from '@/features/assign/choices.ts';
import { DeviceTable } from '@/features/devices/device-table.tsx';
import { FirstDevice } from '@/features/devices/first-device.tsx';
import { EnrolProvider } from '@/features/enrol/enrol-provider.tsx';
import { EventList } from '@/features/events/event-list.tsx';
import { AttentionList } from '@/features/fleet/attention-list.tsx';
import { Tiles } from '@/features/fleet/tiles.tsx';
import { VariantsInService } from '@/features/fleet/variants-in-service.tsx';
import { fleetView } from '@/features/fleet/view-model.ts';
import { plural } from '@/lib/format.ts';
import { loadEnrolments, readBoardAddress } from '@/server/queries/enrolment.ts';
import { loadFleetEvents } from '@/server/queries/events.ts';
import { fleetBucketMs, fleetRangeMs, loadFleet } from '@/server/queries/fleet.ts';
import { orFailure } from '@/server/queries/or-failure.ts';

export const metadata: Metadata = { title: 'Fleet' };

/** The worst of a large fleet; the rest is a click away. */
const shownDevices = 40;
const shownEvents = 10;

export default async function FleetPage() {
  const loaded = await orFailure(() =>
    Promise.all([loadFleet(), loadFleetEvents(shownEvents), loadEnrolments(Date.now()), readBoardAddress()]),
  );
  if (!loaded.ok) {
    return (
      <>
        <TopBar title="Fleet" />
        <LoadFailure cause={loaded.cause} />
      </>
    );
  }
  const [facts, events, enrolments, address] = loaded.value;
  const view = fleetView({ ...facts, bucketMs: fleetBucketMs, rangeMs: fleetRangeMs });
  const total = view.devices.length;
  return (
    <>
      <TopBar title="Fleet" />
      <main id="content">
        <EnrolProvider enrolments={enrolments} known={facts.devices.map(({ id }) => id)} local={address.local}>
          {total === 0 ? (
            <FirstDevice />
          ) : (
            <AssignProvider variants={variantChoices(facts.variants, facts.windows)} devices={deviceChoices(view.devices)}>
              <Tiles tiles={view.tiles} />
              <AttentionList items={view.attention} />
              <Panel
                id="devices"
                title="Devices"
                note={view.attention.length === 0 ? 'nothing needs attention' : 'worst first'}
                actions={total > shownDevices && <Link href="/devices">All {plural(total, 'device')}</Link>}
              >
                <DeviceTable devices={view.devices.slice(0, shownDevices)} trends={view.trends} />
              </Panel>
              <div className="grid border-line max-xl:divide-y xl:grid-cols-2 xl:divide-x divide-line">
                <VariantsInService service={view.service} />
                <Panel id="events" title="Events" note="newest first">
                  <EventList events={events} device brief />
                </Panel>
              </div>
            </AssignProvider>
          )}
        </EnrolProvider>
      </main>
    </>
  );
}
