import { expect, it } from 'vitest';
import { deviceText } from './device-text.ts';

it('lets no text turn its neighbours round, break the line or be painted over other lines', () => {
  expect(deviceText('board \u202Egnp.exe\u202C \u2066x\u2069')).toBe('board gnp.exe x');
  expect(deviceText('one\r\n\ttwo\u0007')).toBe('one two ');
  expect(deviceText(`a${'\u0301'.repeat(40)}b`)).toBe(`a${'\u0301'.repeat(4)}b`);
});

it('leaves every script as it is', () => {
  for (const text of ['خطأ في الكاميرا /dev/video0', 'हिन्दी', 'ρ 224 → 160', '👩‍👩‍👧‍👦', 'Å']) expect(deviceText(text)).toBe(text);
});
