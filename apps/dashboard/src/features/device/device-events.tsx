/** @file The newest events of a device, by level. */
import { Link } from '@/components/link.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { EventList } from '@/features/events/event-list.tsx';
import { EventLevelFilter } from '@/features/events/level-filter.tsx';
import { type DeviceQuery, deviceHref } from '@/lib/device-query.ts';
import { type EventFacts, levelFilters } from '@/lib/event-facts.ts';

type Props = { events: EventFacts[]; query: DeviceQuery; path: string; className?: string };

/** @param path the device's page. */
export function DeviceEvents({ events, query, path, className }: Props) {
  const { level } = query;
  return (
    <Panel
      id="events"
      className={className}
      title="Events"
      actions={
        <>
          <EventLevelFilter current={level} hrefOf={(next) => deviceHref(query, { level: next })} />
          <Link
            href={`${path}/events${level === 'all' ? '' : `?level=${level}`}`}
            className="text-accent underline-offset-2 hover:underline phone:py-3"
          >
            All events
          </Link>
        </>
      }
    >
      {events.length === 0 ? (
        <Empty title={levelFilters[level].none}>
          {level !== 'all' && (
            <Link
              href={deviceHref(query, { level: 'all' })}
              scroll={false}
              replace
              className="text-accent underline-offset-2 hover:underline"
            >
              Show all events
            </Link>
          )}
        </Empty>
      ) : (
        <EventList events={events} device={false} brief />
      )}
    </Panel>
  );
}
