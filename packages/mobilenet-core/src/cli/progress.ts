/** @file Progress on standard error: one line that is rewritten on a terminal, a line at each tenth elsewhere. */

type Sink = { isTTY?: boolean; write(text: string): unknown };

export type Progress = (done: number, total: number) => void;

/** Between two rewrites of a terminal's line, in milliseconds. */
const interval = 100;
const clearLine = '\r\u001b[K';

/** @param what the unit: "pictures" */
export function progressOn(sink: Sink, what: string, now: () => number = () => performance.now()): Progress {
  return sink.isTTY ? terminal(sink, what, now) : plain(sink, what);
}

function terminal(sink: Sink, what: string, now: () => number): Progress {
  let last = Number.NEGATIVE_INFINITY;
  return (done, total) => {
    if (done === total) return void sink.write(clearLine);
    if (now() - last < interval) return;
    last = now();
    sink.write(`${clearLine}${done} of ${total} ${what}`);
  };
}

function plain(sink: Sink, what: string): Progress {
  let tenths = 0;
  return (done, total) => {
    const reached = Math.floor((10 * done) / total);
    if (reached === tenths) return;
    tenths = reached;
    sink.write(`${done} of ${total} ${what}\n`);
  };
}
