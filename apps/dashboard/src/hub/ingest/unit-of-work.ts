/** @file What one commit gathers while it applies its messages, and writes at its end, once per device instead of once per message. */

import type { Refused } from './decode.ts';
import type { AckEntry, Committed, Incoming, Refusal } from './incoming.ts';
import type { RefusalLimit } from './refusals.ts';
import type { LastResult } from './rows.ts';
import type { Statements } from './statements.ts';
import { type StoryEvent, storyLevels } from './story.ts';

type Touched = { seenAt: number; offsetMs: number; result?: LastResult };

export class UnitOfWork {
  readonly sql: Statements;
  private readonly refusalLimit: RefusalLimit;
  private readonly touched = new Map<string, Touched>();
  private readonly changes = new Set<string>();
  private readonly acks = new Map<string, AckEntry[]>();
  private readonly refusals: Refusal[] = [];

  constructor(sql: Statements, refusalLimit: RefusalLimit) {
    this.sql = sql;
    this.refusalLimit = refusalLimit;
  }

  /** The device spoke; its line and page change. */
  touch(device: string, arrivedAt: number, offsetMs: number): Touched {
    const touched = this.touched.get(device) ?? { seenAt: arrivedAt, offsetMs };
    touched.seenAt = Math.max(touched.seenAt, arrivedAt);
    touched.offsetMs = offsetMs;
    this.touched.set(device, touched);
    return touched;
  }

  acknowledge(device: string, entry: AckEntry): void {
    const entries = this.acks.get(device);
    if (entries === undefined) this.acks.set(device, [entry]);
    else entries.push(entry);
  }

  /** The message can never be taken: the device may forget what it carried, and people hear of it. */
  refuse({ device, arrivedAt }: Pick<Incoming, 'device' | 'arrivedAt'>, { topic, code, message, ranges }: Refused): void {
    for (const range of ranges) this.acknowledge(device, { ...range, refused: message.slice(0, 500) });
    const unheard = this.refusalLimit.admit(device, arrivedAt);
    if (unheard === undefined) return;
    this.refusals.push({ device, topic, code, message, unheard });
    const more = unheard > 0 ? ` (and ${unheard} more since the last one told)` : '';
    this.tell(device, arrivedAt, {
      kind: 'refused_message',
      message: `Sent a message that was refused: ${message}${more}`,
      data: { code },
    });
  }

  tell(device: string, at: number, { kind, message, data }: StoryEvent): void {
    this.sql.addEvent.run(at, kind, storyLevels[kind], message, data === undefined ? null : JSON.stringify(data), device);
    this.raise('fleet');
    this.raise(`device:${device}`);
  }

  raise(topic: string): void {
    this.changes.add(topic);
  }

  /** The last part of the transaction. */
  finish(): Committed {
    for (const [device, { seenAt, offsetMs, result }] of this.touched) {
      this.sql.seen.run(seenAt, offsetMs, device);
      if (result !== undefined) this.sql.setLastResult.run(...result.values);
      this.raise(`device:${device}`);
    }
    if (this.touched.size > 0) this.raise('fleet');
    for (const topic of this.changes) this.sql.raiseChange.run(topic);
    return { acks: [...this.acks].map(([device, entries]) => ({ device, entries })), refusals: this.refusals };
  }
}
