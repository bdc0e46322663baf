/** @file Whether the clock is kept right: a Raspberry Pi forgets the time when it is switched off. */
import { execFile } from 'node:child_process';
import { type Finding, ok, warning } from './findings.ts';

const timeoutMs = 5000;
/** No agent of this version can run before this. */
const earliest = Date.UTC(2026, 0, 1);

export async function checkClock(now: number): Promise<Finding> {
  const time = new Date(now).toISOString().slice(0, 19).replace('T', ' ');
  if (now < earliest)
    return warning('clock', `it says ${time}, which is over; the hub corrects it`, 'timedatectl set-ntp true, or connect a clock');
  const answer = await ntpSynchronized();
  if (answer === 'yes') return ok('clock', `${time} UTC, synchronised`);
  if (answer === 'no')
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

/** @returns undefined where there is no timedatectl, or nobody whom it could ask */
function ntpSynchronized(): Promise<'yes' | 'no' | undefined> {
  return new Promise((resolve) => {
    execFile('timedatectl', ['show', '--property=NTPSynchronized', '--value'], { timeout: timeoutMs }, (error, stdout) => {
      const answer = stdout.trim();
      resolve(error === null && (answer === 'yes' || answer === 'no') ? answer : undefined);
    });
  });
}
