/** @file Shows the board to Home Assistant: says once what there is, and then what it sees, at most once a second. */
import { type DeviceState, type UpdateState, type Variant, variantLabel } from '@alpharho/protocol';
import { type Cancel, type Clock, every } from '../domain/clock.ts';
import type { FrameResult } from '../domain/frames.ts';
import { availabilityTopic, type BoardFacts, discoveryPayload, discoveryTopic, updateFacts } from '../domain/home-assistant.ts';
import type { Announcer, SystemFacts } from '../domain/ports.ts';
import { round } from '../domain/round.ts';
import type { Vitals } from '../domain/vitals.ts';

const tickMs = 1000;
/** Figures that move all the time are told this often, in ticks. */
const refreshTicks = 10;
/** stateSchema's limit. */
const maxLabel = 200;

export type HomeAssistantOptions = {
  readonly announcer: Announcer;
  readonly session: string;
  readonly board: BoardFacts;
  /** Home Assistant's discovery prefix. */
  readonly prefix: string;
  readonly vitals: Pick<Vitals, 'recent'>;
  readonly clock: Clock;
};

/** INVARIANT: nothing waits for it, and it keeps nothing: what cannot be sent now is not sent. */
export class HomeAssistant {
  private readonly options: HomeAssistantOptions;
  private serving: Variant | undefined;
  private desired: Variant | undefined;
  private update: UpdateState | undefined;
  private result: FrameResult | undefined;
  private temperature: number | undefined;
  /** What does not move all the time, as it was sent last. */
  private told = '';
  private ticks = 0;
  private cancelTimer: Cancel | undefined;

  constructor(options: HomeAssistantOptions) {
    this.options = options;
  }

  start(): void {
    const { announcer, board, prefix, clock } = this.options;
    announcer.start(() => {
      announcer.publish(discoveryTopic(prefix, board.device), JSON.stringify(discoveryPayload(board)), true);
      announcer.publish(availabilityTopic(board.device), 'online', true);
      this.told = '';
    });
    this.cancelTimer = every(clock, tickMs, () => this.tick());
  }

  async stop(): Promise<void> {
    this.cancelTimer?.();
    await this.options.announcer.stop();
  }

  serves(variant: Variant): void {
    this.serving = variant;
  }

  desires(variant: Variant): void {
    this.desired = variant;
  }

  updates(update: UpdateState): void {
    this.update = update;
  }

  /** One that the publish policy let through. */
  published(result: FrameResult): void {
    this.result = result;
  }

  machine({ temperature }: SystemFacts): void {
    this.temperature = temperature;
  }

  private tick(): void {
    const { serving, update } = this;
    if (serving === undefined || update === undefined) return;
    this.ticks += 1;
    const facts = { variant: variantLabel(serving), update: updateFacts(serving, this.desired, update) };
    const news = JSON.stringify([this.result?.top[0]?.label, facts]);
    if (news === this.told && this.ticks < refreshTicks) return;
    this.told = news;
    this.ticks = 0;
    this.options.announcer.state(this.describe(facts));
  }

  private describe(facts: Pick<DeviceState, 'variant' | 'update'>): DeviceState {
    const { session, vitals, clock } = this.options;
    const { rate, sketches } = vitals.recent;
    const best = this.result?.top[0];
    return {
      v: 1,
      session,
      at: clock.wall(),
      // A variant may answer what the wire does not take; that is told to the hub, and no reason to end here.
      ...(best !== undefined && {
        label: best.label.slice(0, maxLabel),
        probability: round(Math.min(Math.max(best.probability, 0), 1), 1e4),
      }),
      ...facts,
      framesPerSecond: round(rate, 10),
      ...(sketches.total.count > 0 && { latencyP95: round(sketches.total.quantile(0.95) ?? 0, 100) }),
      ...(this.temperature !== undefined && { temperature: this.temperature }),
    };
  }
}
