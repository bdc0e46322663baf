/** @file Devices as a table, and on a phone as rows of two lines. Used by the fleet page and by the list of devices. */

import type { ReactNode } from 'react';
import { Sparkline } from '@/components/charts/sparkline.tsx';
import { Link } from '@/components/link.tsx';
import { Age } from '@/components/live/age.tsx';
import { ConnectivityShape } from '@/components/status/connectivity-shape.tsx';
import { ConnectivityWord, UpdateWord, updateTone } from '@/components/status/status-word.tsx';
import { UpdateShape } from '@/components/status/update-shape.tsx';
import { Cell, Head, HeadRow, NameCell, Row, Table } from '@/components/ui/table.tsx';
import { Tick } from '@/components/ui/tick.tsx';
import { VariantName, VariantPair } from '@/components/variant-name.tsx';
import { ChangeVariantButton } from '@/features/assign/assign-provider.tsx';
import { type JudgedDevice, seesNow } from '@/lib/attention.ts';
import { shortBoard } from '@/lib/device-facts.ts';
import { formatMs, formatMsNumber, formatRate, formatShare, none } from '@/lib/format.ts';
import { connectivityWords, isOffTarget, updateWords } from '@/lib/status.ts';
import { thresholds } from '@/lib/thresholds.ts';
import type { SortKey } from './device-list-query.ts';

type Props = {
  devices: JudgedDevice[];
  trends: Map<string, (number | null)[]>;
  /** Wraps a column's title in its sorting link; absent where the order is fixed. */
  sortLink?: (key: SortKey, title: ReactNode) => ReactNode;
  /** The table shares its width with filters: what the device's page tells better steps back first. */
  compact?: boolean;
};

/** Which columns step back where the page gets narrow: latency is the last that would. */
type Hiding = {
  sees: string;
  frames: string;
  actions: string;
  /** Keeps the distance to the edge that the last column has. */
  latency: string;
};

const alone: Hiding = {
  sees: 'max-[1160px]:hidden',
  frames: 'max-[900px]:hidden',
  actions: 'max-[980px]:hidden',
  latency: 'max-[980px]:pr-5',
};
const besideFilters: Hiding = {
  sees: 'max-[1360px]:hidden',
  frames: 'max-[1100px]:hidden',
  actions: 'max-[1160px]:hidden',
  latency: 'max-[1160px]:pr-5',
};

export function DeviceTable({ devices, trends, sortLink = (_, title) => title, compact = false }: Props) {
  const hiding = compact ? besideFilters : alone;
  const { sees, frames, actions, latency } = hiding;
  return (
    <>
      <div className="relative overflow-x-auto phone:hidden">
        <Table label="Devices">
          <HeadRow>
            {/* Shares of the width: a label or a number that grows moves no column. */}
            <Head className="w-[13%]">{sortLink('device', 'Device')}</Head>
            <Head className="w-[12%]">{sortLink('connectivity', 'Connectivity')}</Head>
            <Head className="w-[14%]">{sortLink('update', 'Update')}</Head>
            <Head className="w-[16%]">{sortLink('variant', 'Variant → target')}</Head>
            <Head className={`w-[15%] ${sees}`}>Sees now</Head>
            <Head numeric className={`w-[8%] ${frames}`}>
              {sortLink('fps', 'Frames/s')}
            </Head>
            <Head numeric className={`w-[12%] ${latency}`}>
              {sortLink('p95', 'p50 / p95, ms')}
            </Head>
            <Head className={`w-[10%] ${actions}`}>
              <span className="sr-only">Actions</span>
            </Head>
          </HeadRow>
          <tbody>
            {devices.map((device) => (
              <DeviceRow
                key={device.facts.id}
                device={device}
                trend={trends.get(device.facts.id) ?? []}
                hiding={hiding}
                compact={compact}
              />
            ))}
          </tbody>
        </Table>
      </div>
      <ul className="hidden border-line-2 border-t phone:block" aria-label="Devices">
        {devices.map((device) => (
          <DeviceItem key={device.facts.id} device={device} />
        ))}
      </ul>
    </>
  );
}

function deviceHref(id: string): string {
  return `/devices/${encodeURIComponent(id)}`;
}

function isLive({ connectivity }: JudgedDevice): boolean {
  return connectivity.state === 'online' || connectivity.state === 'late';
}

type RowProps = { device: JudgedDevice; trend: (number | null)[]; hiding: Hiding; compact: boolean };

function DeviceRow({ device, trend, hiding: { sees, frames, actions, latency }, compact }: RowProps) {
  const { facts, connectivity, update } = device;
  const live = isLive(device);
  const board = shortBoard(facts.boardModel);
  return (
    <Row data-device={facts.id}>
      <NameCell className={compact ? 'max-w-52 max-[1160px]:max-w-40' : 'max-w-52'}>
        <span className="flex items-baseline gap-2">
          <Link href={deviceHref(facts.id)} title={facts.id} className="max-w-full shrink-0 truncate underline-offset-2 hover:underline">
            {facts.id}
          </Link>
          {board !== null && (
            <span
              className={`max-w-28 min-w-0 truncate text-second font-normal text-ink-3 ${compact ? 'max-[1160px]:hidden' : 'max-[1000px]:hidden'}`}
              title={facts.boardModel ?? undefined}
            >
              {board}
            </span>
          )}
        </span>
      </NameCell>
      <Cell>
        <ConnectivityWord status={connectivity} />
      </Cell>
      <Cell className="max-[900px]:[&_time]:hidden">
        <UpdateWord status={update} />
      </Cell>
      <Cell>
        <VariantPair serving={facts.serving} target={facts.desired} />
      </Cell>
      {/* Its text is cut to the column, and never widens it. */}
      <Cell className={`max-w-0 ${sees}`}>
        <SeesNow device={device} />
      </Cell>
      <Cell numeric className={frames}>
        {live ? <FramesPerSecond device={device} /> : <NotNow />}
      </Cell>
      <Cell numeric className={latency}>
        <span className="flex items-center justify-end gap-3">
          <span className={compact ? 'max-[1500px]:hidden' : 'max-[1300px]:hidden'}>
            <Sparkline values={trend} label={`p95 of ${facts.id} over the last half hour`} width={56} height={18} />
          </span>
          {live && facts.p95 !== null ? (
            <span className="min-w-[78px]">
              <Tick className="text-ink-3">{formatMsNumber(facts.p50)}</Tick>
              <span className="text-ink-4"> / </span>
              <Tick className="font-medium">{formatMsNumber(facts.p95)}</Tick>
            </span>
          ) : (
            <span className="min-w-[78px]">
              <NotNow />
            </span>
          )}
        </span>
      </Cell>
      <Cell numeric className={actions}>
        <ChangeVariantButton deviceId={facts.id} size="row" tone="quiet" className="-mr-2.5" />
      </Cell>
    </Row>
  );
}

function NotNow() {
  return <span className="text-ink-4">{none}</span>;
}

function FramesPerSecond({ device: { facts } }: { device: JudgedDevice }) {
  const dropping = facts.dropRate !== null && facts.dropRate > thresholds.droppedShare;
  return (
    <span
      className={dropping ? 'text-warn' : undefined}
      title={facts.dropRate === null ? undefined : `${formatShare(facts.dropRate)} of frames dropped`}
    >
      <Tick>{formatRate(facts.fps)}</Tick>
    </span>
  );
}

function SeesNow({ device }: { device: JudgedDevice }) {
  const top = device.facts.lastTop[0];
  if (top === undefined) return <NotNow />;
  return (
    <span className={`flex min-w-0 items-baseline gap-2 ${seesNow(device) ? '' : 'text-ink-3'}`}>
      <span className="truncate" title={top.label} data-sees>
        {top.label}
      </span>
      <Tick className="text-second text-ink-3">{formatShare(top.probability)}</Tick>
    </span>
  );
}

function DeviceItem({ device }: { device: JudgedDevice }) {
  const { facts, connectivity, update } = device;
  const live = isLive(device);
  const settled = !isOffTarget(facts) && (update.state === 'on_target' || update.state === 'no_target' || update.state === 'committed');
  const tone = connectivity.state === 'offline' ? 'text-bad' : connectivity.state === 'late' ? 'text-warn' : 'text-ink-2';
  const shown = settled || facts.desired === null ? facts.serving : facts.desired;
  return (
    <li className="border-line border-b" data-device={facts.id}>
      <Link
        href={deviceHref(facts.id)}
        className="grid min-h-[56px] grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 px-4 py-2"
      >
        <span className="flex min-w-0 items-center gap-2">
          <ConnectivityShape state={connectivity.state} />
          <span className="truncate font-medium">{facts.id}</span>
          <span className={tone}>{connectivityWords[connectivity.state]}</span>
        </span>
        <span className="figures text-right">
          {live ? formatMs(facts.p95) : connectivity.since !== null && <Age at={connectivity.since} className="text-ink-3" />}
        </span>
        <span className="flex min-w-0 items-center gap-2 text-[12.5px] text-ink-2">
          {shown !== null && <VariantName variant={shown} precision={settled} />}
          {!settled && (
            <span className={`inline-flex items-center gap-1 ${updateTone(update.state)}`}>
              <UpdateShape state={update.state} percent={update.percent} size={14} />
              {updateWords[update.state]}
            </span>
          )}
        </span>
        <span className="figures text-right text-[12.5px] text-ink-3">{live ? `${formatRate(facts.fps)} /s` : none}</span>
      </Link>
    </li>
  );
}
