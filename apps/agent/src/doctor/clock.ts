/** @file Whether the clock is kept right: a Raspberry Pi forgets the time when it is switched off. */
import { ClockSync } from '../io/system/clock-sync.ts';
import { type Finding, ok, warning } from './findings.ts';

/** No agent of this version can run before this. */
const earliest = Date.UTC(2026, 0, 1);

export async function checkClock(now: number): Promise<Finding> {
  const time = new Date(now).toISOString().slice(0, 19).replace('T', ' ');
  if (now < earliest)
    return warning('clock', `it says ${time}, which is over; the hub corrects it`, 'timedatectl set-ntp true, or connect a clock');
  const isSynchronised = await new ClockSync({ root: '/', program: 'timedatectl', monotonic: () => performance.now() }).read();
  if (isSynchronised === true) return ok('clock', `${time} UTC, synchronised`);
  if (isSynchronised === false)
    return warning(
      'clock',
      `${time} UTC, not synchronised; the hub corrects what it can`,
      'timedatectl set-ntp true (apt-get install systemd-timesyncd)',
    );
  return warning(
    'clock',
    `${time} UTC; whether it is synchronised cannot be told here`,
    'see that something keeps it right: systemd-timesyncd or chrony',
  );
}
