/** @file What counts as the hub's word. */
import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../domain/events.ts';
import { HubsWord } from './hubs-word.ts';

const range = { stream: 'status', session: 'now', from: 5, to: 9 } as const;

async function asked() {
  const told: AgentEvent[] = [];
  const word = new HubsWord({ session: 'now', tell: (event) => 6 + told.push(event) });
  let given = false;
  void word.ask('ab', 3).then(() => {
    given = true;
  });
  const hear = async (...acks: Parameters<HubsWord['heard']>[0]['acks']) => {
    word.heard({ v: 1, acks });
    await Promise.resolve();
    return given;
  };
  return { told, hear };
}

describe("the hub's word", () => {
  it('is asked for by an event that says which update it is about', async () => {
    const { told } = await asked();
    expect(told).toEqual([expect.objectContaining({ id: 'update.proven', detail: { revision: 3, target: 'ab' }, variant: 'ab' })]);
  });

  it('is the acknowledgement of that event', async () => {
    const { hear } = await asked();
    expect(await hear({ ...range, to: 6 }, { ...range, from: 8 })).toBe(false);
    expect(await hear(range)).toBe(true);
  });

  it.each([
    ['another stream', { stream: 'events' }],
    ['another session', { session: 'before' }],
    ['a refusal', { refused: 'malformed' }],
  ])('is not %s', async (_, other) => {
    const { hear } = await asked();
    expect(await hear({ ...range, ...other } as typeof range)).toBe(false);
  });
});
