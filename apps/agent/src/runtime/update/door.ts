/** @file Where desired states come in: each is opened by the rules of domain/desired-door.ts, followed, or refused with its reason. */
import { AlpharhoError, type DeviceId, isAlpharhoError, type Signed } from '@alpharho/protocol';
import { type Cancel, type Clock, every } from '../../domain/clock.ts';
import type { Fault } from '../../domain/conditions.ts';
import { expired, openDesired, type Wanted } from '../../domain/desired-door.ts';
import type { Emit } from '../../domain/events.ts';
import type { KeySet } from '../../domain/key-set.ts';
import type { Signatures, System } from '../../domain/ports.ts';
import type { Keeper } from '../keeper.ts';

/** How often it is looked whether the latest desired state still holds. */
const lookMs = 60_000;

export type DoorOptions = {
  readonly device: DeviceId;
  readonly keys: () => KeySet | undefined;
  readonly signatures: Signatures;
  readonly keeper: Keeper;
  readonly machine: System;
  readonly clock: Clock;
  readonly emit: Emit;
  /** @returns whether it is news */
  readonly onFault: (fault: Fault | undefined) => boolean;
  /** @returns why it is not followed; undefined where it is */
  readonly onWanted: (wanted: Wanted) => AlpharhoError | undefined;
};

/** INVARIANT: desired states are opened one after the other, in the order in which they came. */
export class Door {
  private readonly options: DoorOptions;
  /** Waits for a key set that knows its key. */
  private locked: Signed | undefined;
  private work: Promise<void> = Promise.resolve();
  private cancelLook: Cancel | undefined;

  constructor(options: DoorOptions) {
    this.options = options;
  }

  start(): void {
    this.cancelLook = every(this.options.clock, lookMs, () => this.enqueue(() => this.look()));
    this.enqueue(() => this.look());
  }

  async stop(): Promise<void> {
    this.cancelLook?.();
    await this.work;
  }

  hear(signed: Signed): void {
    this.locked = undefined;
    this.enqueue(() => this.open(signed));
  }

  /** Another key set counts. */
  rekeyed(): void {
    const { locked } = this;
    if (locked !== undefined) this.hear(locked);
  }

  /** It cannot even be read. */
  refuse(error: AlpharhoError, revision?: number): void {
    const { emit, onFault } = this.options;
    const { code, message } = error;
    if (!onFault(error)) return;
    emit({ id: 'desired.refused', level: 'error', message, detail: { code, ...(revision !== undefined && { revision }) } });
  }

  private enqueue(work: () => Promise<void>): void {
    this.work = this.work.then(work);
  }

  private async open(signed: Signed): Promise<void> {
    const { device, keys, signatures, onFault, onWanted } = this.options;
    const now = await this.now();
    const set = keys();
    try {
      if (set === undefined) throw new AlpharhoError('key_unknown', 'a desired state came before any key set: it waits for one');
      const wanted = openDesired(signed, { device, keys: set, signatures, now });
      const fault = onWanted(wanted);
      if (fault === undefined) onFault(undefined);
      else this.refuse(fault, wanted.revision);
    } catch (error) {
      if (!isAlpharhoError(error)) throw error;
      if (error.code === 'key_unknown') this.locked = signed;
      this.refuse(error);
    }
  }

  /** Freeze: somebody keeps the hub's newer word away, or there is none. */
  private async look(): Promise<void> {
    const { keeper } = this.options;
    const { seen, revision } = keeper.state;
    if (seen === undefined) return;
    const now = await this.now();
    if (now >= seen.expiresAt) this.refuse(expired(revision, seen.expiresAt), revision);
  }

  /** The latest of what a clock says that follows a time source, and of what the hub's own messages prove. */
  private async now(): Promise<number> {
    const { machine, clock, keeper } = this.options;
    const facts = await machine.facts();
    // A board that cannot tell, like one in a container, has its host's clock.
    const wall = facts.clock?.synchronised === false ? 0 : clock.wall();
    return Math.max(wall, keeper.state.seen?.issuedAt ?? 0);
  }
}
