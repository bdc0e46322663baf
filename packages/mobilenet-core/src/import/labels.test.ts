import { describe, expect, it } from 'vitest';
import { parseLabels } from './labels.ts';

describe('parseLabels', () => {
  it('takes one label a line, whatever ends the lines', () => {
    expect(parseLabels('\uFEFFash\r\nbeech, red \n\ncedar\n\n\n')).toEqual(['ash', 'beech, red', '', 'cedar']);
    expect(parseLabels('')).toEqual([]);
  });

  it('takes the numbers off a list that counts its lines, and only then', () => {
    expect(parseLabels('0  ash\n1: beech\n2,cedar')).toEqual(['ash', 'beech', 'cedar']);
    expect(parseLabels('0 ash\n7 up\n2 cedar')).toEqual(['0 ash', '7 up', '2 cedar']);
  });

  it('lets nothing through that could steer a terminal', () => {
    expect(parseLabels('a\u001b[31mred\u0007 oak')).toEqual(['a [31mred oak']);
  });
});
