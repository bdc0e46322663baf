import { expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { MachineWatch } from './machine-watch.ts';

function newWatch() {
  const clock = new FakeClock();
  const heard: number[] = [];
  let readings = 0;
  const system = {
    facts: async () => {
      readings += 1;
      return { memoryBytes: readings };
    },
  };
  const watch = new MachineWatch({ system, clock, onFacts: ({ memoryBytes }) => heard.push(memoryBytes) });
  const ask = async () => (await watch.facts()).memoryBytes;
  return { clock, heard, ask };
}

it('reads the sensors once for everybody who asks within five seconds', async () => {
  const { clock, heard, ask } = newWatch();
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  await clock.advance(5000);
  expect(await ask()).toBe(1);
  await clock.advance(1);
  expect(await ask()).toBe(2);
  expect(heard).toEqual([1, 2]);
});
