/** @file Waits until a process answers over HTTP. */
import { setTimeout as delay } from 'node:timers/promises';
import { AlpharhoError } from '@alpharho/protocol';

const everyMs = 150;

/** Polls `url` until it answers with a 2xx. @throws AlpharhoError internal after `withinMs`; AbortError when the signal fires. */
export async function waitUntilAnswers(url: string, what: string, withinMs: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    const answered = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]) }).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    await delay(everyMs, undefined, { signal });
  }
  throw new AlpharhoError('internal', `${what} did not answer within ${withinMs / 1000} s.`);
}
