/** @file Every number at which a page changes its mind. One table, so that words, colours and lists agree. */

/** Telemetry windows are 10 s long and leave at their end: that is the heartbeat that every agent owes, with or without frames. */
const heartbeatMs = 10_000;

export const thresholds = {
  heartbeatMs,
  /** One heartbeat missed; half a window is left for the way. */
  lateMs: heartbeatMs * 1.5,
  /** Three heartbeats missed. */
  offlineMs: heartbeatMs * 3.5,
  /** The hub's own heartbeat is older than this: it is not running. */
  hubStaleMs: 15_000,
  /** No frames for longer than this is a gap in a chart: two windows and the half that a late one may take. */
  gapMs: heartbeatMs * 2.5,
  /** °C. Raspberry Pi boards begin to throttle here (raspberrypi.com, "Frequency management and thermal control"). */
  hotCelsius: 80,
  /** Share of captured frames that a newer one replaced. */
  droppedShare: 0.01,
  /** Less than this share of memory or disk is left. */
  scarceShare: 0.1,
  /** Results waiting on a device that is online; more says that the hub does not keep up. */
  outboxWaiting: 1000,
  /** Beyond this a device's clock is named as wrong. Its times are corrected either way. */
  clockOffsetMs: 60_000,
  /** A last error is news for this long. */
  errorNewsMs: 3_600_000,
  /** The page's own data is called stale when the server was not heard for this long. */
  pageStaleMs: 30_000,
} as const;
