import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceId } from '../test/arbitraries.ts';
import { buildTopic, parseTopic, protocolVersion, type TopicName, topicFilter, topics } from './topics.ts';

const topicNames = Object.keys(topics) as TopicName[];

describe('the topic table', () => {
  it.each(topicNames)('%s: a built topic parses to what it was built from', (name) => {
    fc.assert(
      fc.property(deviceId, (device) => {
        expect(parseTopic(buildTopic(name, device))).toEqual({ name, device });
      }),
    );
  });

  it('has the version in every topic', () => {
    expect(buildTopic('results', 'pi-4')).toBe(`alpharho/v${protocolVersion}/pi-4/results`);
    expect(topicFilter('results')).toBe(`alpharho/v${protocolVersion}/+/results`);
  });

  it.each(topicNames)('%s is refused by its own schema as another version', (name) => {
    expect(topics[name].schema.safeParse({ v: protocolVersion + 1 }).error?.issues[0]?.path).toEqual(['v']);
  });
});

describe('parseTopic', () => {
  it.each([
    '',
    '/',
    'alpharho',
    'alpharho/v1',
    'alpharho/v1/pi-4',
    'alpharho/v1/pi-4/',
    'alpharho/v1//results',
    '/alpharho/v1/pi-4/results',
    'alpharho/v1/pi-4/results/',
    'alpharho/v1/pi-4/results/more',
    'alpharho/v2/pi-4/results',
    'alpharho/v1/pi-4/Results',
    'alpharho/v1/pi-4/pictures',
    'alpharho/v1/+/results',
    'alpharho/v1/#',
    'alpharho/v1/pi-4/#',
    '#',
    '+/+/+/+',
    '$SYS/broker/uptime',
    '$share/group/alpharho/v1/pi-4/results',
    'alpharho/v1/$SYS/results',
    'alpharho/v1/../results',
    'alpharho/v1/.hidden/results',
    'alpharho/v1/pi 4/results',
    'alpharho/v1/pi-4\n/results',
    'alpharho/v1/pi-4\u0000/results',
    'alpharho/v1/linie-ä/results',
    'alpharho/v1/ｐｉ/results',
    'alpharho/v1/😀/results',
    `alpharho/v1/${'a'.repeat(65)}/results`,
    'alpharho/v1/pi-4/constructor',
    'alpharho/v1/pi-4/__proto__',
    'alpharho/v1/pi-4/toString',
    'alpharho/v1/__proto__/results',
    '/'.repeat(60_000),
  ])('does not know %.60j', (topic) => {
    expect(parseTopic(topic)).toBeUndefined();
  });

  it('takes a device that is called like a member of every object', () => {
    expect(parseTopic('alpharho/v1/constructor/ack')).toEqual({ name: 'ack', device: 'constructor' });
  });

  it('only ever returns what would build the same topic', () => {
    const level = fc.oneof(fc.constantFrom('alpharho', 'v1', 'pi-4', ...topicNames, '', '+', '#'), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(level, { maxLength: 6 }), (levels) => {
        const topic = levels.join('/');
        const parsed = parseTopic(topic);
        if (parsed !== undefined) expect(buildTopic(parsed.name, parsed.device)).toBe(topic);
      }),
      { numRuns: 500 },
    );
  });
});

describe('buildTopic', () => {
  it.each(['', '+', '#', 'a/b', '$SYS', 'pi-4\n', 'ä'])('refuses %j, which would reach other topics', (device) => {
    expect(() => buildTopic('desired', device)).toThrow(/a device id is/);
  });
});
