/** @file Drives rollouts: looks at each that is not over, as devices report, operators speak and time passes, and writes down what follows. */
import type { Database } from '@alpharho/db';
import { isAlpharhoError } from '@alpharho/protocol';
import type { Logger } from '../../server/logger.ts';
import { decide, type Heard } from '../../server/rollouts/engine/decide.ts';
import type { Decision } from '../../server/rollouts/engine/snapshot.ts';
import { GateWindows } from '../../server/rollouts/gates/load-windows.ts';
import { type Judged, judgeGates, writeVerdicts } from '../../server/rollouts/store/gates.ts';
import { type LoadedRollout, loadRollout, toDeviceNow } from '../../server/rollouts/store/load.ts';
import { liveStates, readTargets } from '../../server/rollouts/store/target-set.ts';
import { changesAnything, RolloutMoved, writeDecision } from '../../server/rollouts/store/write.ts';

/** How often the hub looks whether a device or an operator said something: one read of two rows. */
export const rolloutPollMs = 250;

/** Who has come to the targets is read over all devices; often enough for somebody who is late anyway. */
const newcomersEveryMs = 5_000;
/** After the end of a rollout its devices that were away are still followed for so long. */
const followMs = 30 * 86_400_000;
/** Steps of one rollout in one look; the others have their turn in between. */
const mostSteps = 20;

type Options = { db: Database; clock: () => number; logger: Logger };

/**
 * INVARIANTS: each step is one transaction, so that a hub killed at any instant goes on from what is written down; nothing is remembered
 * but when to look again. One rollout's fault keeps no other waiting.
 */
export class RolloutLoop {
  private readonly options: Options;
  private heard = '';
  /** Rollout → when to look at it though nothing was heard. */
  private readonly wakeAt = new Map<string, number>();
  /** Rollout → when its targets were read last. */
  private readonly targetsAt = new Map<string, number>();
  /** Rollout → why it could not go on when it was last looked at. */
  private readonly failures = new Map<string, Error>();
  /** Rollout → the telemetry that its gates look at, of which most was read before. */
  private readonly windows = new Map<string, GateWindows>();

  constructor(options: Options) {
    this.options = options;
  }

  /** @throws what keeps a rollout from going on, after the others had their turn, until it was tried again. */
  async look(signal: AbortSignal): Promise<void> {
    const { clock } = this.options;
    const heard = await this.revisions();
    const due = [...this.wakeAt].filter(([, at]) => at <= clock()).map(([id]) => id);
    const ids = heard === this.heard ? due : await this.followed();
    for (const id of ids) {
      if (signal.aborted) return;
      try {
        await this.advance(id, signal);
        this.failures.delete(id);
      } catch (error) {
        this.failures.set(id, new Error(`rollout ${id} cannot go on`, { cause: error }));
        this.wakeAt.set(id, clock() + newcomersEveryMs);
      }
    }
    this.heard = heard;
    for (const failure of this.failures.values()) throw failure;
  }

  private async revisions(): Promise<string> {
    const rows = await this.options.db.change.findMany({ where: { topic: { in: ['updates', 'rollouts'] } }, orderBy: { topic: 'asc' } });
    return rows.map(({ topic, revision }) => `${topic} ${revision}`).join();
  }

  private async followed(): Promise<string[]> {
    const { db, clock } = this.options;
    const rows = await db.rollout.findMany({
      where: {
        OR: [
          { state: { in: liveStates } },
          {
            endedAt: { gt: new Date(clock() - followMs) },
            devices: { some: { state: { in: ['returning', 'timed_out'] }, device: { presence: 'online' } } },
          },
        ],
      },
      select: { id: true },
      orderBy: { createdAt: 'asc' },
    });
    const ids = rows.map(({ id }) => id);
    for (const kept of [this.wakeAt, this.targetsAt, this.windows, this.failures])
      for (const id of kept.keys()) if (!ids.includes(id)) kept.delete(id);
    return ids;
  }

  /** Steps until nothing follows at once. */
  private async advance(id: string, signal: AbortSignal): Promise<void> {
    for (let step = 0; step < mostSteps && !signal.aborted; step += 1) {
      const now = this.options.clock();
      this.wakeAt.delete(id);
      const next = await this.step(id, now);
      if (next === undefined) return;
      this.wakeAt.set(id, next);
      if (next > now) return;
    }
  }

  /** @returns when to look again. */
  private async step(id: string, now: number): Promise<number | undefined> {
    const loaded = await loadRollout(this.options.db, id);
    if (loaded === null) return undefined;
    const newcomers = await this.newcomers(loaded, now);
    let judged: Judged | undefined;
    let decision = decide(loaded.snapshot, loaded.terms, now, { newcomers: newcomers.found });
    if (decision.judge) {
      judged = await this.judge(loaded, now);
      decision = decide(loaded.snapshot, loaded.terms, now, { newcomers: newcomers.found, word: judged.word });
    }
    const written = await this.write(loaded, decision, judged, now);
    // What was written is looked at anew: one step may be the reason for the next.
    return written ? now : earliest(decision.wakeAt, newcomers.next);
  }

  /** @returns whether there was anything to write, or somebody else was faster. */
  private async write(loaded: LoadedRollout, decision: Decision, judged: Judged | undefined, now: number): Promise<boolean> {
    if (judged === undefined && !changesAnything(loaded, decision)) return false;
    try {
      await this.options.db.$transaction(async (tx) => {
        await writeDecision(tx, loaded, decision, now);
        if (judged !== undefined) await writeVerdicts(tx, loaded, judged.verdicts, now);
      });
    } catch (error) {
      if (error instanceof RolloutMoved) return true;
      throw error;
    }
    for (const { message, kind } of decision.stories) this.options.logger.info({ rollout: loaded.id, kind }, message);
    return true;
  }

  /** Gates that cannot be judged keep nobody from going on with what needs none: devices that end, an operator's word, the way back. */
  private async judge(loaded: LoadedRollout, now: number): Promise<Judged> {
    try {
      return await judgeGates(this.options.db, loaded, this.windowsOf(loaded.id), now);
    } catch (error) {
      this.options.logger.error({ err: error, rollout: loaded.id }, 'the gates of a rollout could not be judged');
      return { verdicts: [], word: { outcome: 'inconclusive', why: "The gates could not be judged; the hub's log says why" } };
    }
  }

  private windowsOf(id: string): GateWindows {
    const windows = this.windows.get(id) ?? new GateWindows();
    this.windows.set(id, windows);
    return windows;
  }

  /** @returns who has come to the targets, or when that may be asked again. */
  private async newcomers({ id, spec, snapshot }: LoadedRollout, now: number): Promise<{ found: Heard['newcomers']; next?: number }> {
    const { state } = snapshot.progress;
    const joins =
      spec.lateJoiners === 'include' && spec.targets.where !== undefined && liveStates.includes(state) && state !== 'rolling_back';
    const next = (this.targetsAt.get(id) ?? 0) + newcomersEveryMs;
    if (!joins) return { found: [] };
    if (now < next) return { found: [], next };
    this.targetsAt.set(id, now);
    const targets = await readTargets(this.options.db, spec, id).catch((error: unknown) => {
      // A variant that was retired meanwhile is given to nobody more.
      if (isAlpharhoError(error)) return [];
      throw error;
    });
    const found = targets.flatMap(({ row, admission }) => {
      if (admission.kind !== 'ready' || snapshot.tracks[row.id] !== undefined) return [];
      return { device: { id: row.id, variant: admission.variant, hardwareClass: row.hardwareClass }, now: toDeviceNow(row) };
    });
    return { found };
  }
}

function earliest(...times: (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
