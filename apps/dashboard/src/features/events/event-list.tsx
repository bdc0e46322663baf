/** @file What happened, newest first: clock, shape, words. */

import type { ReactNode } from 'react';
import { Link } from '@/components/link.tsx';
import { ClockAt } from '@/components/live/clock-at.tsx';
import { ConnectivityShape } from '@/components/status/connectivity-shape.tsx';
import { SeverityShape } from '@/components/status/severity-shape.tsx';
import { UpdateShape } from '@/components/status/update-shape.tsx';
import { sentence } from '@/lib/attention.ts';

export type EventFacts = { id: number; deviceId: string; at: number; kind: string; message: string };

const shapes: Record<string, ReactNode> = {
  online: <ConnectivityShape state="online" />,
  offline: <ConnectivityShape state="offline" />,
  assigned: <UpdateShape state="waiting" />,
  updating: <UpdateShape state="staged" />,
  switched: <UpdateShape state="switching" />,
  committed: <UpdateShape state="committed" />,
  failed: <UpdateShape state="failed" />,
  rolled_back: <UpdateShape state="rolled_back" />,
  refused_message: <SeverityShape severity="warning" />,
};

/** @param device whether to name the device: not on its own page. */
export function EventList({ events, device }: { events: EventFacts[]; device: boolean }) {
  return (
    <ol className="border-line-2 border-t" aria-label="Events">
      {events.map(({ id, deviceId, at, kind, message }) => (
        <li key={id} className="flex min-h-[34px] items-start gap-2.5 border-line border-b px-5 py-[7px] phone:px-4">
          <ClockAt at={at} className="w-[58px] shrink-0 text-ink-3" />
          <span className="grid h-5 w-4 shrink-0 place-items-center">{shapes[kind] ?? <SeverityShape severity="notice" />}</span>
          <span className="min-w-0 wrap-anywhere">
            {device && (
              <Link href={`/devices/${encodeURIComponent(deviceId)}`} className="mr-2 font-medium underline-offset-2 hover:underline">
                {deviceId}
              </Link>
            )}
            <span className={device ? 'text-ink-2' : ''}>{sentence(message).replace(/\.$/, '')}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}
