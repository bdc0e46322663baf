import { describe, expect, it } from 'vitest';
import { matchesTargets, type TargetFacts } from './match-target.ts';
import { parseTargetQuery } from './target-query.ts';

const device = (id: string, more: Partial<TargetFacts> = {}): TargetFacts => ({
  id,
  hardwareClass: null,
  tags: {},
  serving: null,
  ...more,
});

const digest = `3f5a${'0'.repeat(60)}`;
const fleet: TargetFacts[] = [
  device('cam-1', {
    hardwareClass: 'Raspberry Pi 4',
    tags: { site: 'quay', outdoor: '' },
    serving: { id: digest, names: ['V1 0.5×160', 'V1 0.5×160 int8'] },
  }),
  device('cam-2', { hardwareClass: 'Raspberry Pi 5', tags: { site: 'orchard', lab: '', lens: 'wide' } }),
  device('CAM-3', { hardwareClass: 'Jetson Orin Nano', tags: { site: 'quay' }, serving: { id: 'ab'.repeat(32), names: ['V2 1.0×224'] } }),
  device('a*b', { tags: { site: 'old quay' } }),
  device('silent'),
];
const found = (text: string) => {
  const query = parseTargetQuery(text);
  return fleet.filter((each) => matchesTargets(query, each)).map(({ id }) => id);
};

describe('a target query', () => {
  it.each([
    ['id=*', ['cam-1', 'cam-2', 'CAM-3', 'a*b', 'silent']],
    ['id=cam-*', ['cam-1', 'cam-2']],
    ['id=*-*', ['cam-1', 'cam-2', 'CAM-3']],
    ['id=*-2,*-3', ['cam-2', 'CAM-3']],
    ['id=c*m*1', ['cam-1']],
    ['id=cam-1*1', []],
    ['site=quay', ['cam-1', 'CAM-3']],
    ['site=quay,orchard', ['cam-1', 'cam-2', 'CAM-3']],
    ['site="old quay"', ['a*b']],
    ['site=quay -tag=outdoor', ['CAM-3']],
    ['site=quay,orchard tag=lab', ['cam-2']],
    ['-site=quay', ['cam-2', 'a*b', 'silent']],
    ['-site=*', ['silent']],
    ['tag=lens', ['cam-2']],
    ['tag=lens:wide', ['cam-2']],
    ['tag=lens:tele', []],
    ['tag=outdoor:', ['cam-1']],
    ['tag=l*', ['cam-2']],
    ['class="Raspberry Pi 4"', ['cam-1']],
    ['class="raspberry pi *"', ['cam-1', 'cam-2']],
    ['class=jetson*', ['CAM-3']],
    ['variant="V1 0.5x160"', ['cam-1']],
    ['variant="v1 0.5×160 int8"', ['cam-1']],
    ['variant=V1*,V2*', ['cam-1', 'CAM-3']],
    ['variant=3f5a00', ['cam-1']],
    ['variant=3f5a0', []],
    [`variant=${digest}`, ['cam-1']],
    ['  id=cam-1\t tag=outdoor \n', ['cam-1']],
  ])('%s', (text, ids) => {
    expect(found(text)).toEqual(ids);
  });

  it.each([
    ['', 'character 1: nothing is asked for'],
    ['   ', 'character 1: nothing is asked for'],
    ['quay', 'character 1: "quay" is none of id, site, class, tag, variant; a tag of one\'s own is asked for as tag=quay'],
    ['site=quay outdoor=yes', 'character 11: "outdoor" is none of'],
    ['site=quay -outdoor=yes', 'character 12: "outdoor" is none of'],
    ['site quay', 'character 5: "=" is expected after site, like site=quay'],
    ['site=', 'character 6: a value is expected'],
    ['site=quay,', 'character 11: a value is expected'],
    ['site=quay,,orchard', 'character 11: a value is expected'],
    ['class="Raspberry Pi 4', 'character 7: the quote is not closed'],
    ['class=""', 'character 7: the quotes are empty'],
    ['class="a"b', 'character 10: a space or a comma is expected'],
    ['id=a"b"', 'character 5: a quote can only begin a value'],
    ['=quay', 'character 1: "" is none of'],
    ['- site=quay', 'character 2: "" is none of'],
  ])('%s is refused where it is wrong', (text, words) => {
    expect(() => parseTargetQuery(text)).toThrow(
      expect.objectContaining({ code: 'target_query_invalid', message: expect.stringContaining(words) }),
    );
  });

  it('with many stars is answered at once', () => {
    const query = parseTargetQuery(`id=${'a*'.repeat(400)}b`);
    expect(matchesTargets(query, device('a'.repeat(5000)))).toBe(false);
  });
});
