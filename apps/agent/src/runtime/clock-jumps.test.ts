/** @file A device whose clock is set while it works: an NTP step at the start of a board without a battery, a year forward, a day back. */
import type { MessageOf } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { startFakeAgent } from '../../test/support/fake-agent.ts';
import { variant } from '../../test/support/variants.ts';

const a = variant('a');
const day = 86_400_000;

describe.each([
  ['a year forward', 365 * day],
  ['a day back', -day],
  ['from 1970 to now, as NTP does it', 56 * 365 * day],
])('a clock that is set %s', (_what, jump) => {
  it('leaves order, distances and windows as they were, and is told', async () => {
    const { clock, link, frame, log } = await startFakeAgent({ known: [a], committed: a });
    for (let second = 0; second < 60; second += 1) {
      if (second === 30) clock.jump(jump);
      await frame();
      await clock.advance(1000);
    }
    // Nobody acknowledges here, so some are sent twice.
    const batches = link.published.filter(({ name }) => name === 'results').map(({ message }) => message as MessageOf<'results'>);
    const results = new Map(batches.flatMap((batch) => batch.results).map((result) => [result.seq, result]));
    const times = [...results.values()].map(({ at }) => at);
    expect(times.length).toBeGreaterThan(30);
    for (const [index, at] of times.entries()) if (index > 0) expect(at - (times[index - 1] ?? 0)).toBe(1000);
    const sent = batches.map(({ sentAt }) => sentAt);
    expect(sent).toEqual([...sent].sort((one, other) => one - other));
    const windows = link.published.filter(({ name }) => name === 'telemetry').map(({ message }) => message as MessageOf<'telemetry'>);
    expect(windows.length).toBeGreaterThan(3);
    for (const { start, end } of windows) expect(end - start).toBe(10_000);
    expect(log.lines.filter((line) => /clock was set/.test(line))).toHaveLength(1);
  });
});
