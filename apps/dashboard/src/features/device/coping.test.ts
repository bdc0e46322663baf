import { expect, it } from 'vitest';
import { device } from '@/lib/test-facts.ts';
import type { SystemFacts } from '@/server/queries/device.ts';
import { copingNotes } from './coping.ts';

const system = (more: Partial<SystemFacts> = {}): SystemFacts => ({
  memoryBytes: 0,
  memoryTotalBytes: null,
  memoryAvailableBytes: null,
  diskFreeBytes: null,
  diskTotalBytes: null,
  cpuFraction: null,
  outboxBytes: null,
  classified: 90,
  published: null,
  outboxDropped: {},
  ...more,
});

it('says why it is governed, where it runs instead, and what it gave up, the dearest first', () => {
  const facts = device({
    governor: { rho: 128, step: 2, of: 4, reason: 'p95 61 ms, budget 50 ms', since: 5000 },
    inference: { provider: 'cpu', threads: 3, precision: 'int8', tuned: true, reason: 'cuda is not in this runtime' },
  });
  expect(
    copingNotes(facts, system({ published: 12, outboxDropped: { results: 1203, telemetry: 1, events: 0 } })).map(({ text, since }) => [
      text,
      since,
    ]),
  ).toEqual([
    ['Governed down to step 2 of 3: p95 61 ms, budget 50 ms.', 5000],
    ['Runs on cpu: cuda is not in this runtime.', null],
    ['Publishes 12 of the 90\u00A0results of its last window, by its policy.', null],
    ['Given up by the outbox since the agent started: 1\u00A0telemetry window, 1,203\u00A0results.', null],
  ]);
});

it('says nothing of a device that copes', () => {
  const inference = { provider: 'cpu', threads: 3, precision: 'int8', tuned: true };
  expect(copingNotes(device({ inference, governor: { rho: 224, step: 0, of: 4, since: 5000 } }), system({ published: 90 }))).toEqual([]);
  expect(copingNotes(device(), null)).toEqual([]);
});

it('says of what could not be measured just that', () => {
  const inference = { provider: 'cpu', threads: 1, precision: 'float32', tuned: false, reason: 'not tuned: the machine is busy' };
  expect(copingNotes(device({ inference }), null).map(({ text }) => text)).toEqual(['Not tuned: the machine is busy.']);
});
