/** @file What happened, newest first: age, shape, words, the stable id, and the picture where there is one. */

import type { ReactNode } from 'react';
import { Link } from '@/components/link.tsx';
import { Age } from '@/components/live/age.tsx';
import { ConnectivityShape } from '@/components/status/connectivity-shape.tsx';
import { SeverityShape } from '@/components/status/severity-shape.tsx';
import { UpdateShape } from '@/components/status/update-shape.tsx';
import { sentence } from '@/lib/attention.ts';
import type { EventFacts } from '@/lib/event-facts.ts';
import type { Severity } from '@/lib/status.ts';

/** What the hub tells has a shape of its own meaning; the rest has its level's. */
const shapes: Record<string, ReactNode> = {
  enrolled: <ConnectivityShape state="new" />,
  online: <ConnectivityShape state="online" />,
  offline: <ConnectivityShape state="offline" />,
  assigned: <UpdateShape state="waiting" />,
  updating: <UpdateShape state="staged" />,
  switched: <UpdateShape state="switching" />,
  committed: <UpdateShape state="committed" />,
  failed: <UpdateShape state="failed" />,
  rolled_back: <UpdateShape state="rolled_back" />,
};

type Level = { severity: Severity; word: string; tone: string };

const notice: Level = { severity: 'notice', word: 'Notice', tone: 'text-ink-3' };
const levels: Record<string, Level> = {
  warning: { severity: 'warning', word: 'Warning', tone: 'text-warn' },
  error: { severity: 'critical', word: 'Error', tone: 'text-bad' },
};

type Props = {
  events: EventFacts[];
  /** Whether to name the device: not on its own page. */
  device: boolean;
  /** Beside other things: long messages are cut after three lines, and stand whole among all events. */
  brief?: boolean;
};

export function EventList({ events, device, brief = false }: Props) {
  return (
    <ol className="border-line-2 border-t" aria-label="Events">
      {events.map((event) => (
        <EventRow key={event.id} event={event} device={device} brief={brief} />
      ))}
    </ol>
  );
}

type RowProps = { event: EventFacts; device: boolean; brief: boolean };

function EventRow({ event, device, brief }: RowProps) {
  const { deviceId, at, kind, message } = event;
  const level = levels[event.level] ?? notice;
  const text = sentence(message).replace(/\.$/, '');
  return (
    <li className="flex min-h-[34px] items-start gap-2.5 border-line border-b px-5 py-[7px] phone:px-4" data-event={kind}>
      <Age at={at} className="w-[58px] shrink-0 text-ink-3" />
      <span className="grid h-5 w-4 shrink-0 place-items-center">{shapes[kind] ?? <SeverityShape severity={level.severity} />}</span>
      <span className="min-w-0 max-w-[88ch] flex-1 wrap-anywhere">
        <span className={brief ? 'line-clamp-3' : 'block'} title={brief ? text : undefined}>
          {device && (
            <Link href={`/devices/${encodeURIComponent(deviceId)}`} className="mr-2 font-medium underline-offset-2 hover:underline">
              {deviceId}
            </Link>
          )}
          <bdi className={device ? 'text-ink-2' : ''}>{text}</bdi>
        </span>
        {isAgents(kind) && (
          <span className="block text-second text-ink-3">
            <span className={level.tone}>{level.word}</span> <span className="font-mono">{kind}</span>
          </span>
        )}
      </span>
      {event.thumbnail !== null && <Thumbnail event={event} />}
    </li>
  );
}

/** Agents' ids have dots, the hub's own words have none. */
function isAgents(kind: string): boolean {
  return kind.includes('.');
}

const thumbnailSide = 48;

function Thumbnail({ event: { id, deviceId, message } }: { event: EventFacts }) {
  const source = `/devices/${encodeURIComponent(deviceId)}/events/${id}/thumbnail`;
  return (
    <a href={source} className="shrink-0 rounded-[2px]" aria-label={`Picture: ${message}`}>
      {/* biome-ignore lint/performance/noImgElement: a few kilobytes that the hub keeps; there is nothing to make smaller */}
      <img
        src={source}
        alt=""
        width={thumbnailSide}
        height={thumbnailSide}
        loading="lazy"
        className="size-12 rounded-[2px] bg-track object-cover"
      />
    </a>
  );
}
