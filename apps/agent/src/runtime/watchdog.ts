/** @file Tells the service manager that this process is up, and then, again and again, that its loops turn. */
import { type Cancel, type Clock, every } from '../domain/clock.ts';

/** The service manager that started this process: systemd, or whoever speaks its protocol. */
export interface ServiceManager {
  /** How long it waits for the next sign of life; undefined where it does not wait for any. */
  readonly watchdogMs: number | undefined;
  /** Never throws. @param state lines as sd_notify(3) has them */
  notify(...state: readonly string[]): Promise<void>;
}

export type WatchdogOptions = {
  readonly manager: ServiceManager;
  /** The loops turn. */
  readonly isLive: () => boolean;
  /** One line for people, shown by systemctl status. */
  readonly describe: () => string;
  readonly clock: Clock;
};

/** INVARIANT: the sign of life comes from the event loop, and only while `isLive`: a hang of either ends it. */
export class Watchdog {
  private readonly options: WatchdogOptions;
  private cancelTimer: Cancel | undefined;

  constructor(options: WatchdogOptions) {
    this.options = options;
  }

  start(): void {
    const { manager, clock, describe } = this.options;
    void manager.notify('READY=1', `STATUS=${describe()}`);
    // Three signs in the time allowed: one may be late.
    if (manager.watchdogMs !== undefined) this.cancelTimer = every(clock, manager.watchdogMs / 3, () => this.sign());
  }

  stop(): void {
    this.cancelTimer?.();
    void this.options.manager.notify('STOPPING=1');
  }

  private sign(): void {
    const { manager, isLive, describe } = this.options;
    if (isLive()) void manager.notify('WATCHDOG=1', `STATUS=${describe()}`);
    else void manager.notify('STATUS=the frame loop hangs; waiting to be restarted');
  }
}
