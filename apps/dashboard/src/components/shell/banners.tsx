/** @file Two things that every page has to say when they are so: the hub is down; the door is open. */
import { ShieldAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Age } from '@/components/live/age.tsx';
import { SeverityShape } from '@/components/status/severity-shape.tsx';
import type { HubFacts } from '@/lib/device-facts.ts';

export function HubBanner({ hub }: { hub: HubFacts }) {
  if (hub.running) return null;
  return (
    <Banner tone="bad" icon={<SeverityShape severity="critical" />}>
      <strong className="font-semibold">The hub is not running.</strong>{' '}
      {hub.heartbeatAt === null ? (
        'It has never run on this database; npm start starts it.'
      ) : (
        <>
          Devices keep their results until it is back. Shown is the state of <Age at={hub.heartbeatAt} suffix=" ago" />.
        </>
      )}
    </Banner>
  );
}

export function OpenDoorBanner({ host }: { host: string }) {
  return (
    <Banner tone="warn" icon={<ShieldAlert size={16} strokeWidth={1.75} aria-hidden="true" className="shrink-0" />}>
      <strong className="font-semibold">There is no sign-in yet,</strong> and this dashboard listens on {host}: anyone who reaches it can
      steer the fleet.
    </Banner>
  );
}

function Banner({ tone, icon, children }: { tone: 'bad' | 'warn'; icon: ReactNode; children: ReactNode }) {
  const ground = tone === 'bad' ? 'bg-bad-soft' : 'bg-warn-soft';
  return (
    <div
      role="status"
      className={`flex items-center gap-2.5 border-line border-b px-5 py-2 phone:items-start phone:px-4 ${ground} ${tone === 'bad' ? 'text-bad' : 'text-warn'}`}
    >
      {icon}
      <p className="min-w-0">{children}</p>
    </div>
  );
}
