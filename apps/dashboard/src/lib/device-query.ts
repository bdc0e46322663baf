/** @file What of a device's page stands in its address. Pure. */
import { type LevelFilter, levelFrom } from './event-facts.ts';
import { type RangeKey, rangeFrom } from './ranges.ts';

export type DeviceQuery = {
  /** Of the history. */
  range: RangeKey;
  /** The history as a table. */
  table: boolean;
  /** Of the events. */
  level: LevelFilter;
};

type Params = Record<string, string | string[] | undefined>;

export function readDeviceQuery(params: Params): DeviceQuery {
  return { range: rangeFrom(params.range), table: params.view === 'table', level: levelFrom(params.level) };
}

/** The address with one choice changed and the others kept. */
export function deviceHref(query: DeviceQuery, change: Partial<DeviceQuery>): string {
  const { range, table, level } = { ...query, ...change };
  return `?range=${range}${table ? '&view=table' : ''}${level === 'all' ? '' : `&level=${level}`}`;
}
