/**
 * @file systemd as the service manager. Node has no datagram sockets of the unix kind, so each message goes through systemd-notify(1), which
 * is there wherever systemd is; the unit needs NotifyAccess=all for it.
 */
import { execFile } from 'node:child_process';
import type { Log } from '../../domain/ports.ts';
import type { ServiceManager } from '../../runtime/watchdog.ts';

const timeoutMs = 5000;

/** @returns undefined where no service manager waits for messages */
export function findSystemd(environment: NodeJS.ProcessEnv, log: Log): ServiceManager | undefined {
  if (!environment.NOTIFY_SOCKET) return undefined;
  const usec = Number(environment.WATCHDOG_USEC);
  // Set for another process of the unit: it is not ours to answer.
  const ours = environment.WATCHDOG_PID === undefined || environment.WATCHDOG_PID === String(process.pid);
  let told = false;
  return {
    watchdogMs: ours && usec > 0 ? usec / 1000 : undefined,
    notify: (...state) =>
      new Promise((resolve) => {
        execFile('systemd-notify', state, { timeout: timeoutMs }, (error) => {
          if (error !== null && !told) log.warn(`systemd cannot be told how this agent is: ${error.message.trim()}`);
          told = error !== null;
          resolve();
        });
      }),
  };
}
