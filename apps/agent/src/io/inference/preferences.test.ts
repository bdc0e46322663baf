import { describe, expect, it } from 'vitest';
import { providerOrder, usualThreads } from './preferences.ts';

const listed = ['cpu', 'webgpu', 'cuda', 'tensorrt'];

describe('the order of providers', () => {
  it('is ours where nothing is wanted, and ends with the CPU, which is always there', () => {
    expect(providerOrder(listed, undefined)).toEqual(['tensorrt', 'cuda', 'cpu']);
    expect(providerOrder(['cpu'], undefined)).toEqual(['cpu']);
  });

  it('is the operator’s where one is given, with the CPU as the last resort', () => {
    expect(providerOrder(listed, ['webgpu', 'cuda'])).toEqual(['webgpu', 'cuda', 'cpu']);
    expect(providerOrder(listed, ['cuda', 'cpu', 'tensorrt'])).toEqual(['cuda', 'cpu']);
    expect(providerOrder(listed, ['cpu'])).toEqual(['cpu']);
  });
});

describe('threads without a measurement', () => {
  it('leave a core for the rest of the agent, and are four at most', () => {
    expect([1, 2, 4, 64].map(usualThreads)).toEqual([1, 1, 3, 4]);
  });
});
