/** @file One ticking clock for all ages of a page, set by the server's, so that a viewer's wrong clock does not lie. */

let aheadMs = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** @param serverNow the server's clock, just read. */
export function setServerTime(serverNow: number): void {
  aheadMs = serverNow - Date.now();
}

/** The server's clock as far as the browser can tell, in whole seconds. */
export function currentTime(): number {
  return Math.floor((Date.now() + aheadMs) / 1000) * 1000;
}

export function subscribeClock(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const notify of listeners) notify();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
