/** @file The registry as the pages read and change it, against a real database. */
import { beforeAll, describe, expect, it } from 'vitest';
import { changeRegistry } from '../../src/server/actions/change-registry.ts';
import { loadVariants } from '../../src/server/queries/fleet.ts';
import { loadVariant } from '../../src/server/queries/variant.ts';
import { addDevice, addVariant, hub } from './fleet-fixture.ts';

const a = 'a'.repeat(64);
const twins = [`${'b'.repeat(63)}0`, `${'b'.repeat(63)}1`];

beforeAll(async () => {
  await addVariant(a);
  for (const id of twins) await addVariant(id);
  await addDevice('belt-1');
  await hub().device.update({ where: { id: 'belt-1' }, data: { servingId: a } });
});

describe('loadVariant', () => {
  it('finds a variant by the first digits of its digest, and says who uses it', async () => {
    const facts = await loadVariant(a.slice(0, 12));
    expect(facts).toMatchObject({ variant: { id: a, rhos: [160], retired: false }, uses: [{ deviceId: 'belt-1', how: 'serves it' }] });
  });

  it.each(['ffffff', 'bbbbbbbbbbbb', 'a', '../../etc', ''])('finds none where %j fits none, or more than one', async (digest) =>
    expect(await loadVariant(digest)).toBeNull(),
  );
});

describe('changeRegistry', () => {
  const change = (variantId: string, what: string) => changeRegistry({ variantId, change: what });

  it('retires and offers again, and does not delete what a device serves', async () => {
    expect(await change(a, 'retire')).toEqual({ ok: true });
    expect((await loadVariant(a))?.variant.retired).toBe(true);
    expect(await change(a, 'delete')).toEqual({ ok: false, message: expect.stringContaining('is in use: belt-1 serves it') });
    expect(await change(a, 'offer')).toEqual({ ok: true });
    expect((await loadVariant(a))?.events.map(({ message }) => message)).toEqual(['Offered again', 'Retired: given to no further device']);
  });

  it('deletes what nothing uses: it is listed no more', async () => {
    expect(await change(twins[0] ?? '', 'delete')).toEqual({ ok: true });
    expect((await loadVariants()).map(({ id }) => id)).not.toContain(twins[0]);
    expect(await change(twins[0] ?? '', 'delete')).toMatchObject({ ok: false });
  });

  it.each([
    ['a digest that is none', { variantId: 'x', change: 'retire' }],
    ['a change that there is not', { variantId: a, change: 'edit' }],
    ['nothing', undefined],
  ])('refuses %s in one sentence', async (_, input) =>
    expect(await changeRegistry(input)).toEqual({ ok: false, message: expect.stringMatching(/^Not done: /) }),
  );
});
