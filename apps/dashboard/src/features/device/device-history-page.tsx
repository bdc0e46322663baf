/** @file A page of all that is kept of one kind for a device, below the device's header: its events, its results. */
import type { ReactNode } from 'react';
import { Link } from '@/components/link.tsx';
import { LoadFailure } from '@/components/load-failure.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { judge } from '@/lib/attention.ts';
import type { loadDeviceHead } from '@/server/queries/device.ts';
import { DeviceHeader } from './device-header.tsx';

/** @param subject what is kept: "Events" */
type About = { id: string; subject: string };

export function DeviceHistoryFailure({ cause, ...about }: About & { cause: string }) {
  return (
    <>
      <DeviceHistoryBar {...about} />
      <LoadFailure cause={cause} />
    </>
  );
}

type Props = About & {
  head: NonNullable<Awaited<ReturnType<typeof loadDeviceHead>>>;
  /** Which part of how much is shown. */
  summary: ReactNode;
  /** What leads to the other parts. */
  controls: ReactNode;
  children: ReactNode;
};

export function DeviceHistoryPage({ id, subject, head, summary, controls, children }: Props) {
  const name = subject.toLowerCase();
  return (
    <>
      <DeviceHistoryBar id={id} subject={subject} />
      <main id="content">
        <DeviceHeader device={judge(head.device, head.hub, head.now)} />
        <section aria-labelledby={name}>
          <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-2 px-5 py-1 phone:px-4">
            <h2 id={name} className="font-semibold">
              {subject}
            </h2>
            <span className="figures text-second text-ink-3">{summary}</span>
            {controls}
          </div>
          {children}
        </section>
      </main>
    </>
  );
}

export function NewestLink({ href }: { href: string }) {
  return (
    <Link href={href} className={buttonClass({ tone: 'quiet', size: 'row' })}>
      Newest
    </Link>
  );
}

function DeviceHistoryBar({ id, subject }: About) {
  return <TopBar title={`${subject} of ${id}`} parent={{ href: `/devices/${encodeURIComponent(id)}`, label: id }} />;
}
