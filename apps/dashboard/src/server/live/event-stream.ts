/** @file A listener of the change feed as a stream of server-sent events. A slow reader costs one set of topics, never a growing queue. */
import type { ChangeListener } from './change-feed.ts';

type Options = {
  subscribe: (listener: ChangeListener) => () => void;
  /** Ends the stream: the browser went away. */
  signal: AbortSignal;
  timers: { setInterval: (run: () => void, ms: number) => unknown; clearInterval: (handle: never) => void };
};

/** Lets the browser tell silence from death, and pages notice devices that have gone quiet without any commit. */
const beatMs = 10_000;

/**
 * Events: `hello` at once, `change` with the moved topics (space between them), `beat` every 10 s.
 * Topics never hold a space: they are words or device ids.
 */
export function changeEvents({ subscribe, signal, timers }: Options): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const moved = new Set<string>();
  let beats = 0;
  let close = () => undefined as undefined;

  const flush = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    if ((controller.desiredSize ?? 0) <= 0) return;
    if (moved.size > 0) controller.enqueue(encoder.encode(event('change', [...moved].join(' '))));
    else if (beats > 0) controller.enqueue(encoder.encode(event('beat', '')));
    moved.clear();
    beats = 0;
  };

  return new ReadableStream<Uint8Array>({
    start(controller) {
      const unsubscribe = subscribe((topics) => {
        for (const topic of topics) moved.add(topic);
        flush(controller);
      });
      const beat = timers.setInterval(() => {
        beats += 1;
        flush(controller);
      }, beatMs);
      let open = true;
      close = () => {
        if (!open) return;
        open = false;
        unsubscribe();
        timers.clearInterval(beat as never);
        signal.removeEventListener('abort', end);
      };
      const end = () => {
        close();
        controller.close();
      };
      controller.enqueue(encoder.encode(event('hello', '')));
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    },
    pull(controller) {
      flush(controller);
    },
    cancel() {
      close();
    },
  });
}

/** An event without data is not dispatched by browsers, so that one is sent even where there is nothing to say. */
function event(name: string, data: string): string {
  return `event: ${name}\ndata: ${data === '' ? '-' : data}\n\n`;
}
