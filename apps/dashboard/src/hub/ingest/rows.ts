/** @file Messages as rows of history. */
import type { SqlValue } from '@alpharho/db';
import { LatencySketch, type Prediction, type Results, type Telemetry, type Variant } from '@alpharho/protocol';
import { toVariantRow } from '../../server/wire-variant.ts';
import { correct } from './clock-offset.ts';
import type { OpenSession } from './sessions.ts';

type Result = Results['results'][number];
export type Context = { device: string; session: OpenSession; arrivedAt: number };

/** Labels repeat with every frame; their JSON is made once. Emptied when full, since a client may send what it likes. */
const labelJson = new Map<string, string>();
const maxLabels = 20_000;

function quote(label: string): string {
  let json = labelJson.get(label);
  if (json === undefined) {
    if (labelJson.size >= maxLabels) labelJson.clear();
    json = JSON.stringify(label);
    labelJson.set(label, json);
  }
  return json;
}

/** JSON of the known fields, four times as fast as JSON.stringify of a picked copy. */
export function topJson(top: readonly Prediction[]): string {
  let json = '[';
  for (const [index, prediction] of top.entries()) {
    if (index > 0) json += ',';
    json += `{"class":${prediction.class},"label":${quote(prediction.label)},"probability":${prediction.probability}}`;
  }
  return `${json}]`;
}

/** Puts one result's values, in the order of `resultColumns`, at the end of `values`: one list for many rows, since lists of lists cost time here. */
export function appendResult(values: SqlValue[], result: Result, batch: Results, { device, session, arrivedAt }: Context): void {
  const best = result.top[0] as Prediction;
  const at = correct(result.at, session.offsetMs, arrivedAt);
  const variantId = batch.variants[result.variant] as string;
  const { seq, frame, ms, top } = result;
  values.push(session.id, seq, device, frame, at, variantId, ms, best.class, best.label, best.probability, topJson(top));
}

export type LastResult = {
  at: number;
  /** Columns in the order of the statement `setLastResult`. */
  values: SqlValue[];
};

/** What a device sees now: the last of its results. */
export function lastResult(batch: Results, { device, session, arrivedAt }: Context): LastResult {
  const last = batch.results.at(-1) as Result;
  const best = last.top[0] as Prediction;
  const at = correct(last.at, session.offsetMs, arrivedAt);
  const variantId = batch.variants[last.variant] as string;
  return { at, values: [best.label, best.probability, topJson(last.top), last.frame, at, variantId, device, at] };
}

export type WindowFacts = {
  /** Columns in the order of the statement `addWindow`. */
  row: SqlValue[];
  /** Columns in the order of the statement `setLastWindow`. */
  last: SqlValue[];
};

export function windowFacts(window: Telemetry, { device, session, arrivedAt }: Context): WindowFacts {
  const { frames, system, latency } = window;
  const total = LatencySketch.fromWire(latency.total);
  const quantile = (q: number) => total.quantile(q) ?? null;
  const start = correct(window.start, session.offsetMs, arrivedAt);
  const end = correct(window.end, session.offsetMs, arrivedAt);
  const seconds = (window.end - window.start) / 1000;
  const fps = seconds > 0 ? frames.classified / seconds : null;
  const dropRate = frames.captured > 0 ? frames.dropped / frames.captured : 0;
  const temperature = system.temperature ?? null;
  const throttled = orNull(system.throttled);
  const synchronised = system.clock === undefined ? null : Number(system.clock.synchronised);
  return {
    row: [
      session.id,
      window.seq,
      device,
      window.variant,
      start,
      end,
      frames.captured,
      frames.classified,
      frames.dropped,
      quantile(0.5),
      quantile(0.95),
      quantile(0.99),
      JSON.stringify(latency),
      system.outbox,
      system.memoryBytes,
      temperature,
      system.diskFreeBytes ?? null,
      window.rho ?? null,
      window.rate ?? null,
      frames.published ?? null,
      throttled,
      system.memoryTotalBytes ?? null,
      system.memoryAvailableBytes ?? null,
      system.cpuFraction ?? null,
      system.diskTotalBytes ?? null,
      synchronised,
      system.outboxBytes ?? null,
      orNull(system.dropped),
      frames.failed ?? null,
      orNull(window.answers),
    ],
    last: [
      fps,
      quantile(0.5),
      quantile(0.95),
      dropRate,
      temperature,
      system.outbox,
      throttled,
      throttled,
      start,
      synchronised,
      end,
      device,
      end,
    ],
  };
}

/** The column's JSON. */
export function orNull(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Columns in the order of the statement `addVariant`. */
export function variantValues(variant: Variant, at: number): SqlValue[] {
  const row = toVariantRow(variant);
  return [
    row.id,
    at,
    row.family,
    row.alpha,
    row.rho,
    row.precision,
    row.classes,
    row.weights,
    row.bytes,
    row.multiplyAdds,
    row.parameters,
    row.top1,
    row.top5,
    row.accuracySource,
    row.provenance,
    row.licence,
  ];
}
