/** @file What every camera does, wherever its pictures come from. */
import { describe, expect, it } from 'vitest';
import { type FrameFormat, frameBytes, sameFormat } from '../../src/domain/frames.ts';
import type { Camera, FrameSink } from '../../src/domain/ports.ts';
import { eventually } from '../support/wait.ts';

export type Seen = { readonly format: FrameFormat; readonly pixels: Uint8Array; readonly captureMs: number };

/** A sink that copies each frame. */
export class WatchingSink implements FrameSink {
  readonly frames: Seen[] = [];
  readonly faults: string[] = [];
  readonly errors: Error[] = [];
  recoveries = 0;
  skips = 0;
  isOver = false;
  private readonly open = new Map<number, Uint8Array>();

  begin(format: FrameFormat): Uint8Array {
    const memory = new Uint8Array(frameBytes(format));
    this.open.set(format.rho, memory);
    return memory;
  }

  commit(format: FrameFormat, captureMs: number): void {
    const pixels = this.open.get(format.rho);
    if (pixels === undefined) throw new Error('a frame was committed that was never begun');
    this.open.delete(format.rho);
    this.frames.push({ format, pixels, captureMs });
  }

  skip(): void {
    this.skips += 1;
  }

  room(): Promise<void> | undefined {
    return undefined;
  }

  fault(error: Error): void {
    this.errors.push(error);
    this.faults.push(error.message);
  }

  recovered(): void {
    this.recoveries += 1;
  }

  ended(): void {
    this.isOver = true;
  }
}

const small: FrameFormat = { rho: 48, crop: 0.875 };
const large: FrameFormat = { rho: 96, crop: 0.875 };

/** Longer than any reader takes to go and the next one to begin; a retry after a refusal would take longer. */
const promptlyMs = 4000;

export type CameraTraits = {
  /**
   * It lets one reader in: a change of size breaks before it makes, and there are no frames for as long as the next reader takes to begin.
   * Every other camera makes before it breaks.
   */
  readonly oneReader?: boolean;
};

/** @param open a camera that shows moving or changing pictures, and no more than about 50 a second */
export function cameraContract(name: string, open: () => Promise<Camera>, { oneReader = false }: CameraTraits = {}): void {
  const running = async (format: FrameFormat) => {
    const camera = await open();
    const sink = new WatchingSink();
    await camera.check();
    camera.start(format, sink);
    return { camera, sink };
  };

  describe(`${name} as a camera`, () => {
    it('gives frames of the size that was asked for, that show something, and that change', async () => {
      const { camera, sink } = await running(small);
      await eventually('five frames', () => sink.frames.length >= 5);
      await camera.stop();
      expect(sink.faults).toEqual([]);
      for (const { format, pixels, captureMs } of sink.frames) {
        expect(format).toEqual(small);
        expect(new Set(pixels).size, 'different values in a frame').toBeGreaterThan(10);
        expect(captureMs).toBeGreaterThanOrEqual(0);
      }
      expect(new Set(sink.frames.map(({ pixels }) => Buffer.from(pixels).toString('base64'))).size).toBeGreaterThan(1);
    });

    const change = oneReader ? 'break-before-make, promptly' : 'make-before-break, with no pause';
    it(`changes size ${change}: old frames until the first new one, none after it, no fault`, async () => {
      const { camera, sink } = await running(small);
      await eventually('frames', () => sink.frames.length >= 3);
      camera.resize(large);
      const isNew = ({ format }: Seen) => sameFormat(format, large);
      await eventually('frames of the new size', () => sink.frames.filter(isNew).length >= 5, oneReader ? promptlyMs : undefined);
      await camera.stop();
      const sizes = sink.frames.map(({ format }) => format.rho);
      const firstNew = sizes.indexOf(large.rho);
      expect(sizes.slice(0, firstNew).every((size) => size === small.rho)).toBe(true);
      expect(sizes.slice(firstNew).every((size) => size === large.rho)).toBe(true);
      expect(sink.faults).toEqual([]);
    });

    it('comes to the last of several sizes, also where that is the first one again', async () => {
      const { camera, sink } = await running(small);
      await eventually('frames', () => sink.frames.length >= 2);
      camera.resize(large);
      camera.resize({ rho: 64, crop: 1 });
      camera.resize(small);
      const before = sink.frames.length;
      await eventually('more frames', () => sink.frames.length >= before + 5);
      await camera.stop();
      expect(sink.frames.slice(before + 2).every(({ format }) => sameFormat(format, small))).toBe(true);
    });

    it('gives nothing any more once it has stopped', async () => {
      const { camera, sink } = await running(small);
      await eventually('frames', () => sink.frames.length >= 2);
      camera.resize(large);
      await camera.stop();
      const count = sink.frames.length;
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(sink.frames).toHaveLength(count);
      expect(sink.isOver).toBe(false);
    });
  });
}
