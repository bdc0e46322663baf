import { parseRolloutSpec, rolloutSpecSchema } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { type Draft, draftHref, readDraft, specOf } from './draft.ts';

const digest = 'a'.repeat(64);
const read = (href: string): Draft => {
  const params = new URLSearchParams(href.split('?')[1]);
  return readDraft(
    Object.fromEntries(
      [...new Set(params.keys())].map((key) => [key, params.getAll(key)]).map(([key, all]) => [key, all?.length === 1 ? all[0] : all]),
    ),
  );
};

describe('a draft', () => {
  it('writes nothing into the address while everything is as usual', () => {
    expect(draftHref(readDraft({}))).toBe('/rollouts/new');
  });

  it('comes back from its address as it was', () => {
    const draft: Draft = {
      ...readDraft({}),
      step: 'gates',
      name: 'Pi 5, "quay"',
      perClass: { 'Raspberry Pi 5, 4 cores': digest, '*': 'b'.repeat(64) },
      where: 'site=quay class="Raspberry Pi 4*" -tag=lab',
      otherLabels: true,
      lateJoiners: false,
      stages: [
        { size: '1', soak: 0, approval: false },
        { size: '12.5%', soak: 30, approval: true },
        { size: '100%', soak: 15, approval: false },
      ],
      atOnce: 3,
      gates: { ...readDraft({}).gates, p95Ms: '50', errors: '0,5' },
      onFail: 'pause',
      startAt: 1_800_000_000_000,
      window: { from: '22:00', to: '04:00', zone: 'Europe/Berlin' },
    };
    expect(read(draftHref(draft))).toEqual(draft);
  });

  it('leaves out of an address what means nothing', () => {
    const odd = readDraft({
      step: 'x',
      variant: 'zz',
      class: ['y', `${digest}:`],
      stages: '1~x',
      atOnce: '-3',
      onFail: 'explode',
      startAt: 'soon',
      window: '9-5',
    });
    expect(odd).toEqual(readDraft({}));
  });

  it('is a spec as the protocol takes it, with percent as shares and ratios', () => {
    const draft = {
      ...readDraft({ variant: digest, where: 'id=*' }),
      gates: { ...readDraft({}).gates, p95Slower: '5', framesFewer: '3', errors: '0,1', failures: '3' },
    };
    const spec = parseRolloutSpec(specOf(draft));
    expect(spec.gates).toMatchObject({
      latencyP95: { maxRatioToControl: 1.05 },
      frameRate: { minRatioToControl: 0.97 },
      errorRate: { max: 0.001 },
      failuresAllowed: 3,
    });
    expect(spec.phases.map(({ count, percent }) => count ?? `${percent}%`)).toEqual([1, '10%', '50%', '100%']);
  });

  it('says nothing of gates that are left as they are: the protocol knows the usual', () => {
    const bare = parseRolloutSpec({ variant: digest, targets: { where: 'id=*' } });
    expect(parseRolloutSpec(specOf(readDraft({ variant: digest, where: 'id=*' })))).toEqual(bare);
  });

  it('lets the schema refuse what is no number', () => {
    const draft = { ...readDraft({ variant: digest, where: 'id=*' }), gates: { ...readDraft({}).gates, p95Ms: 'fast' } };
    expect(rolloutSpecSchema.safeParse(specOf(draft)).success).toBe(false);
  });
});
