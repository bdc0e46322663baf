import { describe, expect, it } from 'vitest';
import { type PlanMember, planPhases } from './plan.ts';

const member = (id: string, hardwareClass: string | null = 'Pi 4', online = true): PlanMember => ({ id, hardwareClass, online });
const pis = (count: number) => Array.from({ length: count }, (_, index) => member(`pi-${String(index).padStart(3, '0')}`));
const shown = (members: PlanMember[], ...sizes: number[]) => {
  const plan = planPhases(members, sizes);
  return sizes.map((_, index) => plan.filter(({ phase }) => phase === index).map(({ id }) => id));
};

describe('a plan', () => {
  it('tries one of each class early, the most frequent class first', () => {
    const members = [...pis(4), member('orin-b', 'Orin'), member('orin-a', 'Orin'), member('odd', null)];
    expect(shown(members, 1, 2, 4)).toEqual([['pi-000'], ['orin-a', 'odd'], ['pi-001', 'pi-002', 'orin-b', 'pi-003']]);
  });

  it('takes who is online before who is not', () => {
    const members = [member('a', 'Pi 4', false), member('b'), member('c', 'Pi 4', false), member('d'), member('e', 'Orin', false)];
    expect(shown(members, 1, 4)).toEqual([['b'], ['e', 'd', 'a', 'c']]);
    const dark = [member('a', 'Pi 4', false), member('b', 'Pi 4', false), member('c', 'Orin')];
    expect(shown(dark, 1, 2)[0]).toEqual(['c']);
  });

  it('is the same whatever order the devices come in', () => {
    const members = [...pis(30), ...pis(20).map(({ id }) => member(`orin-${id}`, 'Orin'))];
    expect(planPhases([...members].reverse(), [1, 49])).toEqual(planPhases(members, [1, 49]));
  });
});
