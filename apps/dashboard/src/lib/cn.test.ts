import { describe, expect, it } from 'vitest';
import { cn } from './cn.ts';

describe('cn', () => {
  it('lets the later of two contradicting classes count', () =>
    expect(cn('h-4 whitespace-nowrap', 'whitespace-normal')).toBe('h-4 whitespace-normal'));
  it('keeps size and colour of text apart', () => expect(cn('text-second text-ink-3', 'text-bad')).toBe('text-second text-bad'));
});
