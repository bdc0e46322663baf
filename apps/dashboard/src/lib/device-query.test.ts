import { expect, it } from 'vitest';
import { deviceHref, readDeviceQuery } from './device-query.ts';
import { readEventCursor, writeEventCursor } from './event-facts.ts';

it('one choice in the address changes and the others stay', () => {
  const query = readDeviceQuery({ range: '6h', view: 'table', level: 'warning' });
  expect(query).toEqual({ range: '6h', table: true, level: 'warning' });
  expect(deviceHref(query, { level: 'error' })).toBe('?range=6h&view=table&level=error');
  expect(deviceHref(query, { level: 'all', table: false })).toBe('?range=6h');
  expect(readDeviceQuery({ range: 'x', level: ['error'] })).toEqual({ range: '15m', table: false, level: 'all' });
});

it('a place among events survives the address, and a damaged one is none', () => {
  expect(readEventCursor(writeEventCursor({ at: 1_800_000_000_000, id: 7 }))).toEqual({ at: 1_800_000_000_000, id: 7 });
  for (const text of ['7', 'a.b', '1.2.3', ['1.2'], undefined]) expect(readEventCursor(text)).toBeUndefined();
});
