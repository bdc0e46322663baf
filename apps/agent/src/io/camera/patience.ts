/** @file How long a stream may keep one waiting, and when it is tried again: the same for every kind of camera. */
import type { BackoffPolicy } from '../../domain/backoff.ts';

export const respawn: BackoffPolicy = { baseMs: 1000, maxMs: 30_000 };
/** The first frame may take a stream's handshake and its next key frame. */
export const firstFrameMs = 20_000;
/** Longer than the slowest camera's pause between two frames. */
export const stallMs = 10_000;
