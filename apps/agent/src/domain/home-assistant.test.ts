import { deviceIdSchema, stateSchema, type UpdateState } from '@alpharho/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discoverySchema, discoveryTopicPattern, fieldsRead } from '../../test/contracts/home-assistant.ts';
import { onWire, variant } from '../../test/support/variants.ts';
import { discoveryPayload, discoveryTopic, updateFacts } from './home-assistant.ts';

const board = { device: 'pi-4', version: '1.2.3', model: 'Raspberry Pi 4 Model B Rev 1.4' };
const idle: UpdateState = { phase: 'idle', revision: 0, frames: 0 };

describe('what Home Assistant is told', () => {
  it('is of its documented form', () => {
    expect(discoverySchema.parse(discoveryPayload(board))).toEqual(discoveryPayload(board));
    expect(Object.keys(discoverySchema.parse(discoveryPayload(board)).components)).toEqual(['label', 'latency', 'temperature', 'variant']);
  });

  it('reads only fields that the state has', () => {
    const read = fieldsRead(discoverySchema.parse(discoveryPayload(board)));
    expect(read).toContain('update.percentage');
    for (const field of read) {
      const [first = '', second] = field.split('.');
      expect(Object.keys(stateSchema.shape)).toContain(first);
      if (second !== undefined) expect(Object.keys(stateSchema.shape.update.shape)).toContain(second);
    }
  });

  it('has ids of its own for each device, and a topic that is one', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/).filter((text) => deviceIdSchema.safeParse(text).success);
    fc.assert(
      fc.property(id, id, (one, other) => {
        const topic = discoveryTopic('homeassistant', one);
        expect(topic).toMatch(discoveryTopicPattern);
        expect(topic === discoveryTopic('homeassistant', other)).toBe(one === other);
      }),
    );
    expect(discoveryTopic('homeassistant', 'a.b')).not.toBe(discoveryTopic('homeassistant', 'a_db'));
  });

  it('cannot be used to command the board', () => {
    expect(JSON.stringify(discoveryPayload(board))).not.toContain('command');
  });
});

describe('the update entity', () => {
  const [a, b] = [onWire(variant('a')), onWire(variant('b'))];

  it('is up to date where the hub desires what serves, or nothing was heard', () => {
    expect(updateFacts(a, undefined, idle)).toEqual({
      installed: 'V1 0.25×32 f32 (aaaaaaaa)',
      latest: 'V1 0.25×32 f32 (aaaaaaaa)',
      inProgress: false,
    });
    expect(updateFacts(a, a, idle)).toMatchObject({ latest: 'V1 0.25×32 f32 (aaaaaaaa)' });
  });

  it('shows what the hub desires, and how far it has come', () => {
    expect(updateFacts(a, b, { phase: 'downloading', progress: 42 })).toMatchObject({
      latest: 'V1 0.25×32 f32 (bbbbbbbb)',
      inProgress: true,
      percentage: 42,
    });
    expect(updateFacts(a, b, { phase: 'failed' })).toMatchObject({ latest: 'V1 0.25×32 f32 (bbbbbbbb)', inProgress: false });
  });
});
