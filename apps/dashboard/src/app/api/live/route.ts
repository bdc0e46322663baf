/** @file The change feed as server-sent events; the page decides what to read again. */
import { changeEvents } from '@/server/live/event-stream.ts';
import { processEnding } from '@/server/live/process-ending.ts';
import { changeFeed } from '@/server/queries/process-state.ts';

/** Tabs that listen at a time. One more than a fleet's operators could open means that something connects in a loop. */
const mostListeners = 500;

const headers = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // no-transform keeps compression from holding events back.
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
};

export function GET(request: Request): Response {
  const ending = processEnding();
  // A browser would reuse its open connection at once, and the server waits for open connections before it ends.
  if (ending.aborted) return new Response('Ending.\n', { status: 503, headers: { Connection: 'close', 'Retry-After': '1' } });
  const feed = changeFeed();
  if (feed.listenerCount >= mostListeners) {
    return new Response('Too many open pages; close some.\n', { status: 503, headers: { 'Retry-After': '10' } });
  }
  const stream = changeEvents({
    subscribe: (listener) => feed.subscribe(listener),
    signal: AbortSignal.any([request.signal, ending]),
    timers: { setInterval, clearInterval: (handle) => clearInterval(handle) },
  });
  return new Response(stream, { headers });
}
