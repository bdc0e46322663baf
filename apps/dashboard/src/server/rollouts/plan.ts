/** @file Who comes when: the order of turns, and which phase each device belongs to. The same devices and phases give the same plan. */

export type PlanMember = { readonly id: string; readonly hardwareClass: string | null; readonly online: boolean };
export type PlannedDevice = { readonly id: string; readonly phase: number; readonly position: number };

/**
 * One device of each hardware class comes first, the most frequent class before the others, so that the first phase of more than one device
 * tries every class; then the classes come mixed as they are in the fleet. In a class, devices that are online come first.
 * @param sizes of the phases, which sum to the number of members
 */
export function planPhases(members: readonly PlanMember[], sizes: readonly number[]): PlannedDevice[] {
  const phases = sizes.flatMap((size, phase) => new Array<number>(size).fill(phase));
  return inTurn(members).map(({ id }, position) => ({ id, position, phase: phases[position] ?? sizes.length - 1 }));
}

function inTurn(members: readonly PlanMember[]): PlanMember[] {
  const classes = [...groupByClass(members)].sort(([a, one], [b, other]) => other.length - one.length || compare(a, b));
  const turns = classes.flatMap(([name, group]) =>
    [...group]
      .sort((a, b) => Number(b.online) - Number(a.online) || compare(a.id, b.id))
      // The first of a class before all others; the rest spread evenly over the whole.
      .map((member, index) => ({ member, name, turn: index === 0 ? 0 : index / group.length })),
  );
  const rank = new Map(classes.map(([name], index) => [name, index]));
  const darkLast = ({ member, turn }: (typeof turns)[number]) => Number(turn === 0 && !member.online);
  return turns
    .sort((a, b) => a.turn - b.turn || darkLast(a) - darkLast(b) || (rank.get(a.name) ?? 0) - (rank.get(b.name) ?? 0))
    .map(({ member }) => member);
}

function groupByClass(members: readonly PlanMember[]): Map<string, PlanMember[]> {
  const groups = new Map<string, PlanMember[]>();
  for (const member of members) {
    const name = member.hardwareClass ?? '';
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [member]);
    else group.push(member);
  }
  return groups;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
