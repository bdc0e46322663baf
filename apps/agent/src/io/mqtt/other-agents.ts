/** @file Whether another agent uses this device's name: what stands on the device's presence topic and is not of this session. */
import type { Presence } from '@alpharho/protocol';

/**
 * A broker closes a connection when another of the same name comes (MQTT-3.1.4-2), and does not say why. The other one's birth does.
 * The process that ran before this one leaves a presence too: what stands there before the first birth is its own, and its last will may
 * come once afterwards.
 */
export class OtherAgents {
  private readonly session: string;
  private isBorn = false;
  private farewells = 0;
  private last: string | undefined;

  constructor(session: string) {
    this.session = session;
  }

  /** This session's birth stands on the broker. */
  born(): void {
    this.isBorn = true;
  }

  /** Another one was heard of, not long ago. */
  get known(): boolean {
    return this.last !== undefined;
  }

  /** @returns the other one's session where it is news */
  hear(session: string, state: Presence['state']): string | undefined {
    if (session === this.session || !this.isBorn) return undefined;
    if (state === 'offline') {
      this.farewells += 1;
      if (this.farewells < 2) return undefined;
    }
    if (session === this.last) return undefined;
    this.last = session;
    return session;
  }

  /** There was none for long. @returns whether there was one before */
  forget(): boolean {
    const was = this.known;
    this.last = undefined;
    return was;
  }
}
