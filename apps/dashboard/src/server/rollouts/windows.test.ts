import { describe, expect, it, vi } from 'vitest';
import { isOpen, nextChange, openMs } from './windows.ts';

type Windows = Parameters<typeof isOpen>[0];

const everyDay = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const daily = (from: string, to: string, timeZone = 'Europe/Berlin'): Windows => [{ days: [...everyDay], from, to, timeZone }];
const at = (iso: string) => Date.parse(iso);
const hour = 3_600_000;

/** All changes from `from` to `to`, as they are found one after the other. */
function changes(windows: Windows, from: string, to: string): string[] {
  const found: string[] = [];
  for (let time = nextChange(windows, at(from)); time !== undefined && time <= at(to); time = nextChange(windows, time)) {
    found.push(`${new Date(time).toISOString().replace(':00.000Z', 'Z')} ${isOpen(windows, time) ? 'opens' : 'closes'}`);
  }
  return found;
}

describe('a maintenance window', () => {
  it.each<[string, Windows, string, string, string[]]>([
    [
      'keeps its wall-clock time over the spring change of clocks',
      daily('01:00', '05:00'),
      '2026-03-27T12:00Z',
      '2026-03-30T12:00Z',
      [
        '2026-03-28T00:00Z opens',
        '2026-03-28T04:00Z closes',
        // 02:00 to 03:00 does not come: three hours.
        '2026-03-29T00:00Z opens',
        '2026-03-29T03:00Z closes',
        '2026-03-29T23:00Z opens',
        '2026-03-30T03:00Z closes',
      ],
    ],
    [
      'keeps its wall-clock time over the autumn change of clocks',
      daily('01:00', '05:00'),
      '2026-10-24T12:00Z',
      '2026-10-25T12:00Z',
      // 02:00 to 03:00 comes twice: five hours.
      ['2026-10-24T23:00Z opens', '2026-10-25T04:00Z closes'],
    ],
    [
      'that lies in the skipped hour comes an hour later',
      daily('02:15', '02:45'),
      '2026-03-28T12:00Z',
      '2026-03-29T12:00Z',
      ['2026-03-29T01:15Z opens', '2026-03-29T01:45Z closes'],
    ],
    [
      'that lies in the doubled hour comes the first time only',
      daily('02:15', '02:45'),
      '2026-10-24T12:00Z',
      '2026-10-25T12:00Z',
      ['2026-10-25T00:15Z opens', '2026-10-25T00:45Z closes'],
    ],
    [
      'that begins in the skipped hour and ends after it',
      daily('02:30', '04:00'),
      '2026-03-28T12:00Z',
      '2026-03-29T12:00Z',
      ['2026-03-29T01:30Z opens', '2026-03-29T02:00Z closes'],
    ],
    [
      'that ends where the skipped hour puts its begin behind its end does not come',
      daily('02:30', '03:10'),
      '2026-03-28T12:00Z',
      '2026-03-29T12:00Z',
      [],
    ],
    [
      'may go past midnight, and belongs to the day on which it begins',
      [{ days: ['fri'], from: '22:00', to: '04:00', timeZone: 'Europe/Berlin' }],
      '2026-06-01T00:00Z',
      '2026-06-14T00:00Z',
      ['2026-06-05T20:00Z opens', '2026-06-06T02:00Z closes', '2026-06-12T20:00Z opens', '2026-06-13T02:00Z closes'],
    ],
    [
      'may end at the end of the day, where the next one goes on',
      [...daily('20:00', '24:00', 'UTC'), { days: ['sat'], from: '00:00', to: '06:00', timeZone: 'UTC' }],
      '2026-06-05T12:00Z',
      '2026-06-06T12:00Z',
      ['2026-06-05T20:00Z opens', '2026-06-06T06:00Z closes'],
    ],
    [
      'may be a whole day',
      [{ days: ['sun'], from: '00:00', to: '24:00', timeZone: 'America/New_York' }],
      '2026-11-01T00:00Z',
      '2026-11-03T00:00Z',
      // 25 hours: clocks are set back that day.
      ['2026-11-01T04:00Z opens', '2026-11-02T05:00Z closes'],
    ],
    [
      'may stand in a time zone of half hours',
      daily('01:00', '02:00', 'Asia/Kolkata'),
      '2026-06-01T00:00Z',
      '2026-06-02T00:00Z',
      ['2026-06-01T19:30Z opens', '2026-06-01T20:30Z closes'],
    ],
    [
      'may stand where clocks change by half an hour',
      daily('01:45', '02:15', 'Australia/Lord_Howe'),
      '2026-10-03T00:00Z',
      '2026-10-03T23:00Z',
      // 02:00 to 02:30 is skipped there on 4 October 2026: 02:15 comes as 02:45.
      ['2026-10-03T15:15Z opens', '2026-10-03T15:45Z closes'],
    ],
  ])('%s', (_, windows, from, to, expected) => {
    expect(changes(windows, from, to)).toEqual(expected);
  });

  it('counts the open time only', () => {
    const nights = daily('22:00', '02:00', 'UTC');
    expect(openMs(nights, at('2026-06-01T00:00Z'), at('2026-06-03T23:00Z'))).toBe((2 + 4 + 4 + 1) * hour);
    expect(openMs(nights, at('2026-06-01T03:00Z'), at('2026-06-01T21:00Z'))).toBe(0);
    expect(openMs([], 5, 25)).toBe(20);
  });

  it('is always open where there is none', () => {
    expect([isOpen([], 0), nextChange([], 0)]).toEqual([true, undefined]);
  });

  it('agrees with the wall clock at every quarter of an hour of a year, in zones that change their clocks', () => {
    const wall = (time: number, timeZone: string) =>
      new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(time);
    for (const timeZone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Auckland']) {
      const windows = daily('08:00', '17:30', timeZone);
      for (let time = at('2026-01-01T00:00Z'); time < at('2027-01-01T00:00Z'); time += 37 * 900_000) {
        const clock = wall(time, timeZone);
        expect([timeZone, time, isOpen(windows, time)]).toEqual([timeZone, time, clock >= '08:00' && clock < '17:30']);
      }
    }
  });

  it('asks the calendar a few times for each span that it is asked about, and not for every day around it', () => {
    const windows = daily('02:10', '03:40', 'Asia/Tokyo');
    nextChange(windows, at('2026-06-01T12:00Z'));
    const asked = vi.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
    for (let device = 0; device < 200; device += 1) nextChange(windows, at('2026-06-01T12:00Z') + device);
    expect(asked.mock.calls.length).toBeLessThan(1_000);
    asked.mockRestore();
  });
});
