/**
 * @file The hub's word for a variant that has proven itself: it has committed the event that says so. A device that cannot bring that home
 * has lost its hub with the new variant, and goes back.
 */
import type { MessageOf } from '@alpharho/protocol';
import type { AgentEvent } from '../../domain/events.ts';

export type HubsWordOptions = {
  readonly session: string;
  /** @returns the event's number in its stream; undefined where there is nowhere to put it yet */
  readonly tell: (event: AgentEvent) => number | undefined;
};

export class HubsWord {
  private readonly options: HubsWordOptions;
  private asked: { readonly seq: number; readonly give: () => void } | undefined;

  constructor(options: HubsWordOptions) {
    this.options = options;
  }

  /** Resolves when the hub has it. A later question takes the place of an earlier one. */
  ask(sha256: string, revision: number): Promise<void> {
    const message = `update ${revision}: the variant has proven itself; waiting for the hub's word`;
    const seq = this.options.tell({ id: 'update.proven', level: 'info', message, detail: { revision, target: sha256 }, variant: sha256 });
    return new Promise((resolve) => {
      this.asked = seq === undefined ? undefined : { seq, give: resolve };
    });
  }

  heard({ acks }: MessageOf<'ack'>): void {
    const { asked } = this;
    if (asked === undefined) return;
    const { session } = this.options;
    const has = acks.some(
      (range) =>
        range.stream === 'status' &&
        range.session === session &&
        range.refused === undefined &&
        range.from <= asked.seq &&
        asked.seq <= range.to,
    );
    if (!has) return;
    this.asked = undefined;
    asked.give();
  }
}
