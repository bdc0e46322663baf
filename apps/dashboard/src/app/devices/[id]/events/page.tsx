/** @file All events of a device, as they are kept. */
import { ChevronRight } from 'lucide-react';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Link } from '@/components/link.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { DeviceHistoryFailure, DeviceHistoryPage, NewestLink } from '@/features/device/device-history-page.tsx';
import { EventList } from '@/features/events/event-list.tsx';
import { EventLevelFilter } from '@/features/events/level-filter.tsx';
import { type LevelFilter, levelFilters, levelFrom, readEventCursor } from '@/lib/event-facts.ts';
import { loadDeviceHead } from '@/server/queries/device.ts';
import { loadDeviceEvents } from '@/server/queries/events.ts';
import { orFailure } from '@/server/queries/or-failure.ts';

type Props = PageProps<'/devices/[id]/events'>;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Events of ${decodeURIComponent((await params).id)}` };
}

const pageSize = 50;

export default async function EventsPage({ params, searchParams }: Props) {
  const [{ id: rawId }, query] = await Promise.all([params, searchParams]);
  const id = decodeURIComponent(rawId);
  const level = levelFrom(query.level);
  const before = readEventCursor(query.before);
  const loaded = await orFailure(() => Promise.all([loadDeviceHead(id), loadDeviceEvents(id, { limit: pageSize, level, before })]));
  if (!loaded.ok) return <DeviceHistoryFailure id={id} subject="Events" cause={loaded.cause} />;
  const [head, { events, older }] = loaded.value;
  if (head === null) notFound();
  return (
    <DeviceHistoryPage
      id={id}
      subject="Events"
      head={head}
      summary={before === undefined ? 'newest first' : 'an earlier page'}
      controls={
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <EventLevelFilter current={level} hrefOf={(next) => eventsHref(next)} />
          {before !== undefined && <NewestLink href={eventsHref(level)} />}
          {older !== null && (
            <Link href={eventsHref(level, older)} className={buttonClass({ size: 'row' })}>
              Older
              <ChevronRight size={14} strokeWidth={2} aria-hidden="true" />
            </Link>
          )}
        </div>
      }
    >
      {events.length > 0 ? (
        <EventList events={events} device={false} />
      ) : before !== undefined ? (
        <Empty title="No events here any more: they were kept for a time and then let go." />
      ) : (
        <Empty title={levelFilters[level].none}>
          {level !== 'all' && (
            <Link href={eventsHref('all')} className="text-accent underline-offset-2 hover:underline">
              Show all events
            </Link>
          )}
        </Empty>
      )}
    </DeviceHistoryPage>
  );
}

function eventsHref(level: LevelFilter, before?: string): string {
  return `?level=${level}${before === undefined ? '' : `&before=${before}`}`;
}
