/** @file The hub of the simulated fleet: the real engine and the real gates, and memory in the place of the database. */
import { initialRollout, phaseSizes, type RolloutSpec } from '@alpharho/protocol';
import { command, decide } from '../../server/rollouts/engine/decide.ts';
import { newTrack } from '../../server/rollouts/engine/draft.ts';
import type { Decision, GateWord, Snapshot, Story } from '../../server/rollouts/engine/snapshot.ts';
import { type Terms, termsOf } from '../../server/rollouts/engine/terms.ts';
import { judge } from '../../server/rollouts/gates/judge.ts';
import { planPhases } from '../../server/rollouts/plan.ts';
import { shadowsOf, toWord, treatedOf, waitingOf } from '../../server/rollouts/store/gates.ts';
import type { FleetDevice } from './device.ts';

const minute = 60_000;

export type ToldStory = Story & { readonly at: number; readonly phase: number };

export class FleetHub {
  private readonly spec: RolloutSpec;
  private readonly terms: Terms;
  private readonly devices: ReadonlyMap<string, FleetDevice>;
  /** Devices of each hardware class that gates compare with. */
  private readonly controls: number;
  private wakeAt = 0;
  /** Telemetry comes in whole minutes: between two of them the gates say the same. */
  private said: { minute: number; treated: number; word: GateWord } | undefined;
  snapshot: Snapshot;
  readonly stories: ToldStory[] = [];

  constructor(spec: RolloutSpec, devices: readonly FleetDevice[], controls: number, now: number) {
    this.spec = spec;
    this.terms = termsOf(spec);
    this.controls = controls;
    this.devices = new Map(devices.map((device) => [device.id, device]));
    const members = devices.map(({ id, frames, known }) => ({ id, hardwareClass: frames.board.name, online: known.online }));
    const planned = planPhases(members, phaseSizes(spec.phases, members.length));
    const variant = spec.variant ?? '';
    this.snapshot = {
      progress: initialRollout(Object.fromEntries(planned.map(({ id, phase }) => [id, { variant, phase }]))),
      times: { stateAt: now, startedAt: null, endedAt: null, phaseAt: null, soakAt: null, judgeAt: null, pausedMs: 0 },
      tracks: Object.fromEntries(planned.map(({ id, position }) => [id, newTrack(position, this.classOf(id), now)])),
      now: {},
    };
  }

  get state(): string {
    return this.snapshot.progress.state;
  }

  /** @param heard whether a device said something. Looks until nothing follows, where there is reason to. */
  look(now: number, heard: boolean): void {
    if (!heard && now < this.wakeAt) return;
    for (let round = 0; round < 50; round += 1) {
      const before = this.view();
      let decision = decide(before, this.terms, now);
      if (decision.judge) decision = decide(before, this.terms, now, { word: this.judge(before, now) });
      this.wakeAt = decision.wakeAt ?? Number.POSITIVE_INFINITY;
      if (!this.write(decision, before, now)) return;
    }
    throw new Error('the engine does not come to rest');
  }

  start(now: number): void {
    const before = this.view();
    const decision = command(before, this.terms, now, { type: 'start' });
    if (decision !== undefined) this.write(decision, before, now);
  }

  private classOf(id: string): string | null {
    return this.devices.get(id)?.frames.board.name ?? null;
  }

  private view(): Snapshot {
    return { ...this.snapshot, now: Object.fromEntries([...this.devices].map(([id, { known }]) => [id, known])) };
  }

  /** @returns whether anything changed. */
  private write({ after, intents, stories }: Decision, before: Snapshot, now: number): boolean {
    const { phase } = before.progress;
    this.snapshot = after;
    this.stories.push(...stories.map((story) => ({ ...story, at: now, phase })));
    for (const { device, expectedRevision, variant, revision, hold } of intents) {
      const found = this.devices.get(device);
      if (found?.known.desiredRevision !== expectedRevision) throw new Error(`${device}: another revision than expected`);
      found.want({ variant, revision, hold });
    }
    const tracks = Object.keys(after.tracks).some((id) => after.tracks[id] !== before.tracks[id]);
    return (
      after.progress !== before.progress || JSON.stringify(after.times) !== JSON.stringify(before.times) || tracks || intents.length > 0
    );
  }

  private judge(snapshot: Snapshot, now: number): GateWord {
    const treated = treatedOf(snapshot);
    const whole = Math.floor(now / minute);
    if (this.said?.minute === whole && this.said.treated === treated.length) return this.said.word;
    const used = new Map<string, number>();
    const control = waitingOf(snapshot).filter(({ hardwareClass }) => {
      const count = used.get(hardwareClass) ?? 0;
      used.set(hardwareClass, count + 1);
      return count < this.controls;
    });
    const windows = [...treated, ...control].flatMap(({ device }) => this.telemetryOf(device, now));
    const word = toWord(judge({ now, treated, control, windows, shadows: shadowsOf(snapshot), gates: this.spec.gates }));
    this.said = { minute: whole, treated: treated.length, word };
    return word;
  }

  /** Of a device that is away nothing more comes in. */
  private telemetryOf(id: string, now: number) {
    const device = this.devices.get(id);
    if (device === undefined || !device.known.online) return [];
    return device.frames.until(now);
  }
}
