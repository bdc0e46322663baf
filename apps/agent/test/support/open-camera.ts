/** @file Cameras as an operator writes them, with everything else at its default. */
import type { Camera } from '../../src/domain/ports.ts';
import { openCamera } from '../../src/io/camera/open-camera.ts';
import { systemClock as clock } from '../../src/io/system/clock.ts';
import { rememberedLog } from './logs.ts';

/** What cameras have said in this file of tests. */
export const cameraLog = rememberedLog();

export const open = (source: string, more: { rate?: number; loop?: boolean; realtime?: boolean } = {}): Promise<Camera> =>
  openCamera({ source, rate: undefined, loop: true, realtime: true, view: {}, clock, random: Math.random, log: cameraLog, ...more });
