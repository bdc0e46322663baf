import { expect, it } from 'vitest';
import { device } from '@/lib/test-facts.ts';
import { copingNotes } from './coping.ts';

it('says why it is governed, where it runs instead, and what it gave up, the dearest first', () => {
  const facts = device({
    governor: { rho: 128, step: 2, of: 4, reason: 'p95 61 ms, budget 50 ms', since: 5000 },
    inference: { provider: 'cpu', threads: 3, precision: 'int8', tuned: true, reason: 'cuda is not in this runtime' },
  });
  expect(copingNotes(facts, { results: 1203, telemetry: 1, events: 0 }).map(({ text, since }) => [text, since])).toEqual([
    ['Governed down to step 2 of 3: p95 61 ms, budget 50 ms.', 5000],
    ['Runs on cpu: cuda is not in this runtime.', null],
    ['Given up by the outbox since the agent started: 1\u00A0telemetry window, 1,203\u00A0results.', null],
  ]);
});

it('says nothing of a device that copes', () => {
  const inference = { provider: 'cpu', threads: 3, precision: 'int8', tuned: true };
  expect(copingNotes(device({ inference, governor: { rho: 224, step: 0, of: 4, since: 5000 } }), {})).toEqual([]);
  expect(copingNotes(device(), {})).toEqual([]);
});
