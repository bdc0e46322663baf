/**
 * @file What the machine says of itself, read once for all who ask: sensors are spared, and the processor's load, which is told since the
 * reading before, is told over a time that is worth it.
 */
import type { Clock } from '../domain/clock.ts';
import type { System, SystemFacts } from '../domain/ports.ts';

/** Supervisors and scrapers may ask often; sensors are read this seldom, milliseconds. */
const maxAgeMs = 5000;

export type MachineWatchOptions = {
  readonly system: System;
  readonly clock: Clock;
  /** Hears of each reading. */
  readonly onFacts: (facts: SystemFacts) => void;
};

/** A reading serves everybody for five seconds. */
export class MachineWatch implements System {
  private readonly options: MachineWatchOptions;
  private latest: { readonly at: number; readonly value: Promise<SystemFacts> } | undefined;

  constructor(options: MachineWatchOptions) {
    this.options = options;
  }

  /** At most five seconds old. */
  facts(): Promise<SystemFacts> {
    const now = this.options.clock.monotonic();
    if (this.latest === undefined || now - this.latest.at > maxAgeMs) this.latest = { at: now, value: this.read() };
    return this.latest.value;
  }

  private async read(): Promise<SystemFacts> {
    const { system, onFacts } = this.options;
    const facts = await system.facts();
    onFacts(facts);
    return facts;
  }
}
