import { describe, expect, it } from 'vitest';
import { modelAddress } from './model-files.ts';

describe("a model's address", () => {
  it('is a path on the hub, also behind a prefix, or stands for itself', () => {
    expect(modelAddress('/models/abc', new URL('http://hub:1880')).href).toBe('http://hub:1880/models/abc');
    expect(modelAddress('/models/abc', new URL('https://site.example/hub/')).href).toBe('https://site.example/hub/models/abc');
    expect(modelAddress('https://cdn.example/abc', new URL('http://hub:1880')).href).toBe('https://cdn.example/abc');
  });
});
