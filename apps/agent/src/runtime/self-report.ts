/** @file What this agent says of itself to this machine: its health, its status, its metrics. */
import { variantLabel } from '@alpharho/protocol';
import type { Clock } from '../domain/clock.ts';
import { type Health, judgeHealth } from '../domain/health.ts';
import { MetricsText } from '../domain/metrics-text.ts';
import { type SystemFacts, streams } from '../domain/ports.ts';
import { stages } from '../domain/stage-sketches.ts';
import type { Status } from '../domain/status.ts';
import type { Recent } from '../domain/vitals.ts';
import type { Parts } from './parts.ts';

export type Identity = {
  readonly version: string;
  readonly id: string;
  readonly session: string;
  readonly pid: number;
  /** Of the libraries that answer, by name. */
  readonly runtimes: Readonly<Record<string, string>>;
  /** As they may be shown. */
  readonly camera: string;
  readonly hub: string;
  /** No frame for this long is a fault. */
  readonly patienceMs: number;
  /** Processor time so far. */
  readonly cpuSeconds: () => number;
};

export type SelfReportOptions = Identity & {
  readonly parts: Pick<Parts, 'vitals' | 'reporter' | 'serving' | 'spool' | 'machine'>;
  readonly connected: () => boolean;
  readonly clock: Clock;
};

/** Reads what the parts know, and changes nothing. */
export class SelfReport {
  private readonly options: SelfReportOptions;
  private readonly started: number;
  private readonly startedAt: number;

  constructor(options: SelfReportOptions) {
    this.options = options;
    this.started = options.clock.monotonic();
    this.startedAt = options.clock.now();
  }

  async health(): Promise<Health> {
    return this.judge(await this.options.parts.machine.facts());
  }

  /** The loops turn. Looks at nothing that could hang itself. */
  get isLive(): boolean {
    return this.judge(undefined).live;
  }

  /** One line for people. */
  get line(): string {
    const { parts, connected } = this.options;
    const { vitals, serving } = parts;
    const variant = serving.variant === undefined ? 'waiting for a variant' : `serving ${variantLabel(serving.variant)}`;
    const { seconds, rate } = vitals.recent;
    // A second tells nothing of a camera that gives one frame in it.
    const speed = seconds < 2 ? '' : `, ${rate.toFixed(1)} frames/s`;
    return `${variant}${speed}, ${connected() ? 'connected' : 'not connected'}`;
  }

  async status(): Promise<Status> {
    const { version, id, pid, session, camera, hub, parts, connected } = this.options;
    const facts = await this.options.parts.machine.facts();
    const { vitals, serving, reporter, spool } = parts;
    const { recent, counts } = vitals;
    const update = reporter.updateState;
    const { memoryBytes, temperature, diskFreeBytes } = facts;
    return {
      v: 1,
      version,
      id,
      pid,
      session,
      uptimeSeconds: this.uptimeMs / 1000,
      camera,
      hub: { address: hub, connected: connected() },
      ...(serving.variant !== undefined && { variant: { sha256: serving.variant.sha256, name: variantLabel(serving.variant) } }),
      ...(update !== undefined && { update: { phase: update.phase, revision: update.revision } }),
      health: mutable(this.judge(facts)),
      frames: { ...counts, dropped: { ...counts.dropped } },
      framesPerSecond: recent.rate,
      latency: latencies(recent),
      ...reporter.how,
      outbox: { entries: spool.depth, bytes: spool.diskBytes, dropped: spool.dropped },
      system: { memoryBytes, ...(temperature !== undefined && { temperature }), ...(diskFreeBytes !== undefined && { diskFreeBytes }) },
    };
  }

  /** In Prometheus' text format. */
  async metrics(): Promise<string> {
    const facts = await this.options.parts.machine.facts();
    const text = new MetricsText();
    this.addProcess(text, facts);
    this.addFrames(text);
    this.addHub(text);
    const { live, ready, checks } = this.judge(facts);
    text.gauge('alpharho_agent_live', '1 while the loops turn', Number(live));
    text.gauge('alpharho_agent_ready', '1 while frames are classified and results arrive', Number(ready));
    for (const { name, ok } of checks) text.gauge('alpharho_agent_check_ok', '1 where this part is well', Number(ok), { check: name });
    return text.toString();
  }

  private addProcess(text: MetricsText, { memoryBytes, temperature, diskFreeBytes }: SystemFacts): void {
    const { version, runtimes, cpuSeconds } = this.options;
    text.gauge('alpharho_agent_build_info', 'What runs here; always 1', 1, { version, ...runtimes });
    text.gauge('process_start_time_seconds', 'Start of the process since 1970, by this clock', this.startedAt / 1000);
    text.counter('process_cpu_seconds_total', 'Processor time, user and system', cpuSeconds());
    text.gauge('process_resident_memory_bytes', 'Memory of this process', memoryBytes);
    if (temperature !== undefined) text.gauge('alpharho_agent_temperature_celsius', 'Hottest zone of the board', temperature);
    if (diskFreeBytes !== undefined) text.gauge('alpharho_agent_disk_free_bytes', "Free on the data folder's disk", diskFreeBytes);
  }

  private addFrames(text: MetricsText): void {
    const { vitals, serving } = this.options.parts;
    const { counts, sketches } = vitals;
    const { variant } = serving;
    if (variant !== undefined) {
      text.gauge('alpharho_agent_variant_info', 'What serves; always 1', 1, { sha256: variant.sha256, variant: variantLabel(variant) });
    }
    text.counter('alpharho_agent_frames_captured_total', 'Frames that came from the camera', counts.captured);
    text.counter('alpharho_agent_frames_classified_total', 'Frames that were answered', counts.classified);
    for (const [reason, count] of Object.entries(counts.dropped)) {
      text.counter('alpharho_agent_frames_dropped_total', 'Frames that came and were not answered', count, { reason });
    }
    for (const stage of stages) {
      text.histogram(
        'alpharho_agent_stage_duration_seconds',
        'Time of a frame in each stage; total is from captured to answered',
        sketches[stage],
        {
          stage,
        },
      );
    }
  }

  private addHub(text: MetricsText): void {
    const { parts, connected } = this.options;
    text.gauge('alpharho_agent_hub_connected', '1 while connected to the broker', Number(connected()));
    const { spool, reporter } = parts;
    text.gauge('alpharho_agent_outbox_entries', 'Results, telemetry and events that wait for the hub', spool.depth);
    text.gauge('alpharho_agent_outbox_bytes', 'What the outbox takes on disk', spool.diskBytes);
    for (const stream of streams) {
      text.counter('alpharho_agent_outbox_dropped_total', 'Entries that were given up', spool.dropped[stream] ?? 0, { stream });
    }
    const { governor } = reporter.how;
    if (governor === undefined) return;
    text.gauge('alpharho_agent_governor_step', 'Steps down from the full quality', governor.step);
    text.gauge('alpharho_agent_governor_rho_pixels', 'Resolution that is served', governor.rho);
  }

  private judge(facts: SystemFacts | undefined): Health {
    const { parts, connected, patienceMs } = this.options;
    const { vitals, reporter, serving } = parts;
    return judgeHealth({
      faults: reporter.faults,
      serves: serving.variant !== undefined,
      connected: connected(),
      frameAgeMs: vitals.frameAge ?? this.uptimeMs,
      stuckMs: vitals.stuckMs,
      patienceMs,
      diskFreeBytes: facts?.diskFreeBytes,
    });
  }

  private get uptimeMs(): number {
    return this.options.clock.monotonic() - this.started;
  }
}

function latencies({ sketches }: Recent): Status['latency'] {
  const seen: Status['latency'] = {};
  for (const stage of stages) {
    const sketch = sketches[stage];
    if (sketch.count === 0) continue;
    const at = (q: number): number => sketch.quantile(q) ?? 0;
    seen[stage] = { count: sketch.count, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
  return seen;
}

function mutable({ checks, ...rest }: Health): Status['health'] {
  return { ...rest, checks: [...checks] };
}
