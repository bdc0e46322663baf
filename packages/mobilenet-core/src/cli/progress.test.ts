import { describe, expect, it } from 'vitest';
import { progressOn } from './progress.ts';

function sink(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

describe('progressOn', () => {
  it('writes a line at each tenth where nobody watches', () => {
    const log = sink(false);
    const progress = progressOn(log, 'pictures');
    for (let done = 1; done <= 40; done++) progress(done, 40);
    expect(log.written).toHaveLength(10);
    expect(log.written[0]).toBe('4 of 40 pictures\n');
    expect(log.written.at(-1)).toBe('40 of 40 pictures\n');
  });

  it('rewrites one line on a terminal, ten times a second at most, and leaves nothing behind', () => {
    const terminal = sink(true);
    let now = 0;
    const progress = progressOn(terminal, 'pictures', () => now);
    for (let done = 1; done <= 100; done++) {
      progress(done, 100);
      now += 30;
    }
    expect(terminal.written.every((text) => text.startsWith('\r') && !text.includes('\n'))).toBe(true);
    expect(terminal.written.length).toBeLessThan(30);
    expect(terminal.written.at(-1)).toBe('\r\u001b[K');
  });
});
