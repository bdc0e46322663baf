/** @file All events of a device, as they are kept. */
import { ChevronRight } from 'lucide-react';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Link } from '@/components/link.tsx';
import { LoadFailure } from '@/components/load-failure.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { DeviceHeader } from '@/features/device/device-header.tsx';
import { EventList } from '@/features/events/event-list.tsx';
import { EventLevelFilter } from '@/features/events/level-filter.tsx';
import { judge } from '@/lib/attention.ts';
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
  const parent = { href: `/devices/${rawId}`, label: id };
  const loaded = await orFailure(() => Promise.all([loadDeviceHead(id), loadDeviceEvents(id, { limit: pageSize, level, before })]));
  if (!loaded.ok) {
    return (
      <>
        <TopBar title={`Events of ${id}`} parent={parent} />
        <LoadFailure cause={loaded.cause} />
      </>
    );
  }
  const [head, { events, older }] = loaded.value;
  if (head === null) notFound();
  return (
    <>
      <TopBar title={`Events of ${id}`} parent={parent} />
      <main id="content">
        <DeviceHeader device={judge(head.device, head.hub, head.now)} />
        <section aria-labelledby="events">
          <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-2 px-5 py-1 phone:px-4">
            <h2 id="events" className="font-semibold">
              Events
            </h2>
            <span className="text-second text-ink-3">{before === undefined ? 'newest first' : 'an earlier page'}</span>
            <div className="ml-auto flex flex-wrap items-center gap-2">
              <EventLevelFilter current={level} hrefOf={(next) => eventsHref(next)} />
              {before !== undefined && (
                <Link href={eventsHref(level)} className={buttonClass({ tone: 'quiet', size: 'row' })}>
                  Newest
                </Link>
              )}
              {older !== null && (
                <Link href={eventsHref(level, older)} className={buttonClass({ size: 'row' })}>
                  Older
                  <ChevronRight size={14} strokeWidth={2} aria-hidden="true" />
                </Link>
              )}
            </div>
          </div>
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
        </section>
      </main>
    </>
  );
}

function eventsHref(level: LevelFilter, before?: string): string {
  return `?level=${level}${before === undefined ? '' : `&before=${before}`}`;
}
