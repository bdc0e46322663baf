/** @file What a device does that lets one reader in, and that can be unplugged. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type ErrorCode, isAlpharhoError } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import type { Camera } from '../../src/domain/ports.ts';
import type { SimulatedBoard } from '../support/simulated-cameras.ts';
import { eventually } from '../support/wait.ts';
import { WatchingSink } from './camera.ts';

const format = { rho: 64, crop: 0.875 };

/** @param make a board of its own for each test */
export function oneReaderContract(
  name: string,
  make: (test: string) => Promise<SimulatedBoard>,
  open: (board: SimulatedBoard) => Camera,
): void {
  const running = async (board: SimulatedBoard) => {
    const camera = open(board);
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('frames', () => sink.frames.length >= 2);
    return { camera, sink };
  };
  const faultOf = async (sink: WatchingSink, code: ErrorCode) => {
    const error = await eventually('a fault', () => sink.errors[0]);
    expect(isAlpharhoError(error, code), error.message).toBe(true);
  };

  describe(`${name}, which lets one reader in,`, () => {
    it('changes size without a reader that is refused', async () => {
      const board = await make('sizes');
      const { camera, sink } = await running(board);
      camera.resize({ rho: 80, crop: 1 });
      await eventually('the new size', () => sink.frames.some((frame) => frame.format.rho === 80));
      await camera.stop();
      expect(existsSync(board.refused)).toBe(false);
    });

    it('is not read anew where the format stays, nor where it was to change and shall not', async () => {
      const board = await make('same');
      const { camera, sink } = await running(board);
      const reader = await readFile(board.lock, 'utf8');
      camera.resize({ ...format });
      camera.resize({ rho: 80, crop: 1 });
      camera.resize({ ...format });
      const seen = sink.frames.length;
      await eventually('more frames', () => sink.frames.length > seen + 5);
      expect(await readFile(board.lock, 'utf8')).toBe(reader);
      expect(new Set(sink.frames.map((frame) => frame.format.rho))).toEqual(new Set([format.rho]));
      await camera.stop();
    });

    it('ends in order whenever it is to change size', async () => {
      const board = await make('ends');
      const { camera } = await running(board);
      for (const rho of [80, 96, 80]) camera.resize({ rho, crop: 1 });
      await camera.stop();
      expect(existsSync(board.lock)).toBe(false);
      expect(existsSync(board.refused)).toBe(false);
    });

    it('is busy where another program holds it, and comes when it is free', async () => {
      const board = await make('held');
      const holder = await running(board);
      const camera = open(board);
      const sink = new WatchingSink();
      camera.start(format, sink);
      await faultOf(sink, 'camera_busy');
      await holder.camera.stop();
      await eventually('frames', () => sink.recoveries === 1 && sink.frames.length > 0);
      await camera.stop();
      expect(sink.faults[0]).toContain('another program has it');
      expect(existsSync(board.refused)).toBe(true);
    });

    it('is missing where it is absent, comes when it is plugged in, and comes back after it was pulled out', async () => {
      const board = await make('pulled');
      await board.unplug();
      const camera = open(board);
      const sink = new WatchingSink();
      camera.start(format, sink);
      await faultOf(sink, 'camera_missing');
      await board.plug();
      await eventually('frames', () => sink.recoveries === 1 && sink.frames.length > 0);
      const faults = sink.errors.length;
      await board.unplug();
      await eventually('another fault', () => sink.errors.length > faults);
      await board.plug();
      await eventually('frames again', () => sink.recoveries === 2);
      await camera.stop();
      expect(sink.errors.every((error) => isAlpharhoError(error, 'camera_missing'))).toBe(true);
    });
  });
}
