/** @file The fleet page's words and numbers from the fleet's facts. Pure. */
import type { Sketch } from '@alpharho/protocol';
import { group, max, sum } from 'd3-array';
import { type AttentionItem, bySeverity, type JudgedDevice, judge, worstFirst } from '@/lib/attention.ts';
import { type DeviceFacts, type HubFacts, shortBoard } from '@/lib/device-facts.ts';
import { formatCount, formatMs, formatMsNumber, formatRate, formatShare, none, plural } from '@/lib/format.ts';
import { percentiles } from '@/lib/sketch-sum.ts';
import { isInMotion, isOffTarget, needsOperator } from '@/lib/status.ts';
import { compareVariants, type VariantFacts } from '@/lib/variant-facts.ts';

/** The part of a merged telemetry window that the fleet page needs. */
export type FleetWindow = {
  deviceId: string;
  variantId: string;
  start: number;
  captured: number;
  classified: number;
  dropped: number;
  total: Sketch;
};

export type FleetInput = { now: number; hub: HubFacts; devices: DeviceFacts[]; windows: FleetWindow[]; bucketMs: number; rangeMs: number };

export type Tone = 'plain' | 'warn' | 'bad';
export type SubLine = { text: string; tone: Tone }[];
export type Tile = {
  key: string;
  title: string;
  value: string;
  unit: string;
  sub: SubLine;
  trend?: (number | null)[];
  trendTitle?: string;
};

export type ServiceRow = { variant: VariantFacts; devices: number; worstP95: number | null; worstDevice: string | null; step: number };
export type ServiceBoard = { board: string; devices: number; parts: { variantId: string; name: string; devices: number; step: number }[] };

export type FleetView = {
  tiles: Tile[];
  attention: AttentionItem[];
  devices: JudgedDevice[];
  /** p95 of each of the last minutes, per device; null where there were no frames. */
  trends: Map<string, (number | null)[]>;
  service: { rows: ServiceRow[]; boards: ServiceBoard[] };
};

export function fleetView(input: FleetInput): FleetView {
  const judged = input.devices.map((facts) => judge(facts, input.hub, input.now)).sort(worstFirst);
  const minutes = minuteSlots(input);
  return {
    tiles: [onlineTile(judged), framesTile(judged, input, minutes), latencyTile(judged, input, minutes), targetTile(judged, input.hub)],
    attention: [...ofHub(input.hub), ...judged.flatMap(({ attention }) => attention).sort(bySeverity)],
    devices: judged,
    trends: trendsByDevice(input, minutes),
    service: inService(judged),
  };
}

function ofHub({ running, heartbeatAt }: HubFacts): AttentionItem[] {
  if (running) return [];
  const cause =
    heartbeatAt === null
      ? 'It has never run on this database.'
      : 'No results arrive and no device is told of a new variant until it is back.';
  return [{ key: 'hub', severity: 'critical', deviceId: null, about: 'hub', word: 'Not running', cause, since: heartbeatAt }];
}

function isLive({ connectivity }: JudgedDevice): boolean {
  return connectivity.state === 'online' || connectivity.state === 'late';
}

function onlineTile(judged: JudgedDevice[]): Tile {
  const count = (state: string) => judged.filter(({ connectivity }) => connectivity.state === state).length;
  const parts: SubLine = [];
  for (const [state, tone] of [
    ['offline', 'bad'],
    ['late', 'warn'],
    ['new', 'plain'],
    ['unknown', 'bad'],
  ] as const) {
    const number = count(state);
    if (number > 0) parts.push({ text: `${number} ${state}${state === 'unknown' ? ': the hub is down' : ''}`, tone });
  }
  const sub = parts.length > 0 ? join(parts) : plainLine('every device heard in time');
  return { key: 'online', title: 'Online', value: String(count('online')), unit: `/ ${judged.length}`, sub };
}

function framesTile(judged: JudgedDevice[], { hub, windows, rangeMs }: FleetInput, minutes: Slot[]): Tile {
  const rate = sum(judged.filter(isLive), ({ facts }) => facts.fps ?? 0);
  const frames = sum(windows, ({ classified }) => classified);
  const captured = sum(windows, (window) => window.captured);
  const dropped = captured === 0 ? null : sum(windows, (window) => window.dropped) / captured;
  const text =
    frames === 0
      ? 'no frames yet'
      : `${formatCount(frames)} in ${rangeMs / 60_000} m, ${dropped === 0 ? 'none' : formatShare(dropped)} dropped`;
  const trend = minutes.map(({ cells, seconds }) => (cells.length === 0 ? null : sum(cells, ({ classified }) => classified) / seconds));
  return {
    key: 'frames',
    title: 'Frames classified',
    // Devices go on classifying without the hub; how fast, nobody hears.
    value: hub.running ? formatRate(rate) : none,
    unit: hub.running ? '/s' : '',
    sub: plainLine(text),
    trend,
    trendTitle: 'frames/s',
  };
}

function latencyTile(judged: JudgedDevice[], { now, windows, bucketMs }: FleetInput, minutes: Slot[]): Tile {
  const recent = windows.filter(({ start }) => start >= now - 2 * bucketMs);
  const merged = percentiles(recent.map(({ total }) => total));
  const slowest = judged.filter((device) => isLive(device) && device.facts.p95 !== null).sort((a, b) => b.facts.p95! - a.facts.p95!)[0];
  const slowestOf = slowest === undefined ? 'over the last 2 m' : `slowest ${slowest.facts.id}, ${formatMs(slowest.facts.p95)}`;
  const sub = merged === undefined ? 'no frames in 2 m' : slowestOf;
  const trend = minutes.map(({ cells }) => percentiles(cells.map(({ total }) => total))?.p95 ?? null);
  const unit = merged === undefined ? '' : 'ms';
  return {
    key: 'latency',
    title: 'Latency p95',
    value: formatMsNumber(merged?.p95),
    unit,
    sub: plainLine(sub),
    trend,
    trendTitle: 'p95, ms',
  };
}

function targetTile(judged: JudgedDevice[], hub: HubFacts): Tile {
  const off = judged.filter(({ facts, update }) => isOffTarget(facts) || isInMotion(update.state));
  const moving = off.filter(({ update }) => isInMotion(update.state)).length;
  const stuck = off.filter(({ update }) => needsOperator(update.state)).length;
  const waiting = off.length - moving - stuck;
  const parts: SubLine = [];
  if (moving > 0) parts.push({ text: `${moving} updating`, tone: 'plain' });
  if (waiting > 0) parts.push({ text: `${waiting} waiting`, tone: 'plain' });
  if (stuck > 0) parts.push({ text: stuck === 1 ? '1 needs you' : `${stuck} need you`, tone: 'bad' });
  const unit = off.length === 1 ? 'device' : 'devices';
  const allWell = hub.running ? 'all serve what they are meant to' : 'as last heard';
  return {
    key: 'target',
    title: 'Off target',
    value: String(off.length),
    unit,
    sub: parts.length > 0 ? join(parts) : plainLine(allWell),
  };
}

function plainLine(text: string): SubLine {
  return [{ text, tone: 'plain' }];
}

function join(parts: SubLine): SubLine {
  return parts.map((part, index) => (index < parts.length - 1 ? { ...part, text: `${part.text}, ` } : part));
}

type Slot = { start: number; seconds: number; cells: FleetWindow[] };

/** One slot a minute over the whole range, empty ones included; the running minute is left out, for it would dip. */
function minuteSlots({ now, windows, bucketMs, rangeMs }: FleetInput): Slot[] {
  const bucketOf = (at: number) => Math.floor(at / bucketMs) * bucketMs;
  const byBucket = group(windows, ({ start }) => bucketOf(start));
  const last = bucketOf(now) - bucketMs;
  const slots: Slot[] = [];
  for (let start = last - rangeMs + 2 * bucketMs; start <= last; start += bucketMs) {
    slots.push({ start, seconds: bucketMs / 1000, cells: byBucket.get(start) ?? [] });
  }
  return slots;
}

function trendsByDevice({ devices }: FleetInput, minutes: Slot[]): Map<string, (number | null)[]> {
  const perMinute = minutes.map(({ cells }) => group(cells, ({ deviceId }) => deviceId));
  const p95 = (cells: FleetWindow[] | undefined) => percentiles((cells ?? []).map(({ total }) => total))?.p95 ?? null;
  return new Map(devices.map(({ id }) => [id, perMinute.map((byDevice) => p95(byDevice.get(id)))]));
}

/** Colours of variants in service: four steps, small to large by multiply-adds. */
const steps = 4;

function inService(judged: JudgedDevice[]): FleetView['service'] {
  const serving = judged.filter(({ facts }) => facts.serving !== null);
  const byVariant = [...group(serving, ({ facts }) => facts.serving!.id).values()];
  const ordered = byVariant
    .map((members) => ({ variant: members[0]!.facts.serving!, members }))
    .sort((a, b) => compareVariants(a.variant, b.variant));
  const stepOf = (index: number) => (ordered.length <= 1 ? steps - 2 : Math.round((index * (steps - 1)) / (ordered.length - 1)));
  const stepById = new Map(ordered.map(({ variant }, index) => [variant.id, stepOf(index)]));
  const rows = ordered.map(({ variant, members }) => {
    const worst = members.filter(isLive).toSorted((a, b) => (b.facts.p95 ?? -1) - (a.facts.p95 ?? -1))[0]?.facts;
    return {
      variant,
      devices: members.length,
      worstP95: worst?.p95 ?? null,
      worstDevice: worst?.id ?? null,
      step: stepById.get(variant.id)!,
    };
  });
  return { rows: rows.reverse(), boards: byBoard(serving, stepById) };
}

function byBoard(serving: JudgedDevice[], stepById: Map<string, number>): ServiceBoard[] {
  const groups = group(serving, ({ facts }) => shortBoard(facts.boardModel) ?? 'Unknown board');
  const boards = [...groups].map(([board, members]) => {
    const variants = [...group(members, ({ facts }) => facts.serving!.id).values()].map((same) => ({
      variant: same[0]!.facts.serving!,
      devices: same.length,
    }));
    const parts = variants
      .sort((a, b) => compareVariants(a.variant, b.variant))
      .map(({ variant, devices }) => ({ variantId: variant.id, name: variant.name, devices, step: stepById.get(variant.id)! }));
    return { board, devices: members.length, parts };
  });
  return boards.sort((a, b) => b.devices - a.devices || a.board.localeCompare(b.board));
}

/** "Pi 4 runs V1 1.0×160 on 9 and V1 0.5×160 on 2 devices." */
export function serviceReading(boards: ServiceBoard[]): string {
  if (boards.length === 0) return 'No device serves a variant.';
  return boards
    .map(({ board, parts }) => `${board}: ${parts.map(({ name, devices }) => `${name} on ${plural(devices, 'device')}`).join(', ')}`)
    .join('. ');
}

/** Widest count, so that bars of all boards share one scale. */
export function mostDevices(boards: ServiceBoard[]): number {
  return max(boards, ({ devices }) => devices) ?? 1;
}
