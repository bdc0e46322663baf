/** @file A fleet and a clock in memory, for the rollout engine: decisions are applied as the hub applies them, devices do what a test says. */
import { initialRollout, parseRolloutSpec, type RolloutDeviceState, type RolloutEvent, type UpdatePhase } from '@alpharho/protocol';
import { command, decide, type Heard } from '../../src/server/rollouts/engine/decide.ts';
import { newTrack } from '../../src/server/rollouts/engine/draft.ts';
import type { Decision, DeviceNow, GateWord, Snapshot, Story } from '../../src/server/rollouts/engine/snapshot.ts';
import { type Terms, termsOf } from '../../src/server/rollouts/engine/terms.ts';

export const newVariant = 'b'.repeat(64);
export const oldVariant = (name: string) => name.padEnd(64, '0');

/** What becomes of the new variant on a device. */
export type Fate = 'ok' | 'shadow_slow' | 'rolled_back' | 'no_link' | 'hangs' | { phase: UpdatePhase };

const steps: UpdatePhase[] = ['downloading', 'verifying', 'staged', 'warming', 'shadowing', 'switching', 'probation', 'committed'];

export class FakeDevice {
  readonly id: string;
  now: DeviceNow;
  fate: Fate;
  committed: string;
  /** The phases that it went through, for the test. */
  readonly seen: string[] = [];

  constructor(id: string, fate: Fate = 'ok', more: Partial<DeviceNow> = {}) {
    this.id = id;
    this.fate = fate;
    this.committed = more.serving ?? oldVariant('a');
    this.now = {
      online: true,
      serving: this.committed,
      servingSince: 0,
      phase: 'committed',
      progress: null,
      outcome: null,
      failure: null,
      seenRevision: 0,
      held: false,
      shadow: null,
      desiredId: null,
      desiredRevision: 0,
      desiredHold: false,
      ...more,
    };
  }

  set(patch: Partial<DeviceNow>): void {
    this.now = { ...this.now, ...patch };
  }

  /** One step of its update. */
  live(at: number): void {
    const { online, desiredRevision, desiredId, seenRevision } = this.now;
    if (!online || desiredId === null) return;
    if (desiredRevision > seenRevision) this.begin(desiredRevision, desiredId);
    else this.step(at, desiredId);
    this.seen.push(this.now.phase);
  }

  private begin(revision: number, wanted: string): void {
    const same = wanted === this.committed;
    this.set({ seenRevision: revision, held: false, progress: null, serving: same ? wanted : this.now.serving });
    this.set(same ? { phase: 'committed', outcome: 'ok', failure: null } : { phase: 'downloading', outcome: null });
  }

  private step(at: number, wanted: string): void {
    const { phase, desiredHold } = this.now;
    const index = steps.indexOf(phase);
    if (index < 0 || phase === 'committed') return;
    const fate = wanted === newVariant ? this.fate : 'ok';
    if (fate === 'hangs' || (typeof fate === 'object' && fate.phase === phase)) return;
    if (fate === 'no_link' && phase === 'downloading') this.fail('failed', 'failed_no_change', 'download_failed');
    else if (fate === 'shadow_slow' && phase === 'shadowing') this.fail('failed', 'refused', 'shadow_slow');
    else if (fate === 'rolled_back' && phase === 'probation') this.fail('rolled_back', 'rolled_back', 'probation_failed');
    else if (phase === 'staged' && desiredHold) this.set({ held: true });
    else this.enter(steps[index + 1] ?? 'committed', at, wanted);
  }

  private enter(next: UpdatePhase, at: number, wanted: string): void {
    this.set({ phase: next, held: false });
    if (next === 'probation') this.set({ serving: wanted, servingSince: at });
    if (next === 'committed') {
      this.committed = wanted;
      this.set({ outcome: 'ok', failure: null });
    }
  }

  private fail(phase: UpdatePhase, outcome: DeviceNow['outcome'], code: string): void {
    this.set({ phase, outcome, serving: this.committed, failure: { code, message: `${code}, it says`, at: 0 } });
  }
}

export class FakeFleet {
  now = 0;
  readonly terms: Terms;
  readonly devices: Map<string, FakeDevice>;
  readonly stories: Story[] = [];
  snapshot: Snapshot;
  /** What the gates say when they are asked. */
  gates: () => GateWord = () => ({ outcome: 'pass', why: 'all is well' });
  asked = 0;

  /** @param phases of the devices, in their order; all in the first where it is absent */
  constructor(devices: FakeDevice[], spec: object = {}, phases: readonly number[] = []) {
    const ids = devices.map(({ id }) => id);
    this.terms = termsOf(parseRolloutSpec({ variant: newVariant, targets: { ids }, ...spec }));
    this.devices = new Map(devices.map((device) => [device.id, device]));
    const of = <T>(make: (index: number) => T) => Object.fromEntries(ids.map((id, index) => [id, make(index)]));
    this.snapshot = {
      progress: initialRollout(of((index) => ({ variant: newVariant, phase: phases[index] ?? 0 }))),
      times: { stateAt: 0, startedAt: null, endedAt: null, phaseAt: null, soakAt: null, judgeAt: null, pausedMs: 0 },
      tracks: of((index) => newTrack(index, 'Pi 4', 0)),
      now: {},
    };
  }

  get state(): string {
    const { state, reason } = this.snapshot.progress;
    return reason === undefined ? state : `${state} ${reason}`;
  }

  get phase(): number {
    return this.snapshot.progress.phase;
  }

  states(): Record<string, RolloutDeviceState> {
    return Object.fromEntries(Object.entries(this.snapshot.progress.devices).map(([id, { state }]) => [id, state]));
  }

  count(state: RolloutDeviceState): number {
    return Object.values(this.states()).filter((each) => each === state).length;
  }

  device(id: string): FakeDevice {
    const found = this.devices.get(id);
    if (found === undefined) throw new Error(`no device ${id}`);
    return found;
  }

  /** An operator's word. @returns whether it changed anything. */
  say(event: RolloutEvent): boolean {
    const decision = command(this.view(), this.terms, this.now, event);
    if (decision !== undefined) this.apply(decision);
    return decision !== undefined;
  }

  /** The hub looks, until nothing follows. @returns how long until it looks again by itself. */
  look(heard: Heard = {}): number | undefined {
    let waits: number | undefined;
    for (let round = 0; round < 100; round += 1) {
      const before = JSON.stringify(this.view());
      let decision = decide(this.view(), this.terms, this.now, heard);
      if (decision.judge) {
        this.asked += 1;
        decision = decide(this.view(), this.terms, this.now, { ...heard, word: this.gates() });
      }
      this.apply(decision);
      waits = decision.wakeAt === undefined ? undefined : decision.wakeAt - this.now;
      if (JSON.stringify(this.view()) === before) return waits;
    }
    throw new Error('the engine does not come to rest');
  }

  /** Time passes: the devices step, the hub looks. */
  tick(ms = 1000, times = 1): void {
    for (let round = 0; round < times; round += 1) {
      this.now += ms;
      for (const device of this.devices.values()) device.live(this.now);
      this.look();
    }
  }

  /** Ticks until `done`, at most so many times. */
  until(done: () => boolean, ms = 1000, most = 2000): void {
    for (let round = 0; round < most; round += 1) {
      if (done()) return;
      this.tick(ms);
    }
    throw new Error(`it stays ${this.state}, ${JSON.stringify(this.states())}`);
  }

  private view(): Snapshot {
    const now = Object.fromEntries([...this.devices].map(([id, device]) => [id, device.now]));
    return { ...this.snapshot, now };
  }

  private apply({ after, intents, stories }: Decision): void {
    this.snapshot = after;
    this.stories.push(...stories);
    for (const { device: id, expectedRevision, variant, revision, hold } of intents) {
      const device = this.device(id);
      if (device.now.desiredRevision !== expectedRevision) throw new Error(`${id}: another revision than expected`);
      device.set({ desiredId: variant, desiredRevision: revision, desiredHold: hold });
    }
  }
}
