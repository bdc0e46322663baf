/** @file The line on both instruction sets: one video, one hub here, an agent of this machine and one of an emulated arm64 board. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Database, Result } from '@alpharho/db';
import { drawInspectionSample } from '@alpharho/mobilenet-core';
import { predictionSchema } from '@alpharho/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { Product } from '../system/product.ts';

/** Slow enough for an emulated classifier to answer each frame. */
const framesPerSecond = 1;
const frames = 32;
/** Kernels sum in another order on the other instruction set. */
const tolerance = 1e-3;

const { ALPHARHO_ARM64_NODE: node = '', ALPHARHO_ARM64_TREE: tree = '' } = process.env;
let product: Product;

beforeEach(async () => {
  product = await Product.create();
});

afterEach(async () => {
  await product.destroy();
});

/** One kind of product after the other; lossless, so that both decoders give the same pixels. */
function recordVideo(file: string): void {
  const rho = 224;
  const pictures = new Uint8Array(frames * rho * rho * 3);
  for (let index = 0; index < frames; index += 1) {
    drawInspectionSample(
      product.cameraSeed,
      index,
      { rho, crop: 1 },
      pictures.subarray(index * rho * rho * 3, (index + 1) * rho * rho * 3),
    );
  }
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-video_size', `${rho}x${rho}`, '-framerate', String(framesPerSecond), '-i', '-'];
  execFileSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', ...raw, '-c:v', 'ffv1', '-pix_fmt', 'bgr0', '-y', file], {
    input: pictures,
  });
}

/** What the history has of a device once its camera's file is over, by frame number. */
async function watched(db: Database, id: string, ended: Promise<number | null>): Promise<Map<number, Result>> {
  expect(await ended).toBe(0);
  await expect.poll(() => db.result.count({ where: { deviceId: id } })).toBeGreaterThan(0);
  const rows = await db.result.findMany({ where: { deviceId: id } });
  return new Map(rows.map((row) => [row.frame, row]));
}

const probabilities = (row: Result): Map<number, number> =>
  new Map(
    z
      .array(predictionSchema)
      .parse(JSON.parse(row.top))
      .map((prediction) => [prediction.class, prediction.probability]),
  );

it('an arm64 board tells the same of a video as this machine, through the broker and into the history', async () => {
  const video = join(product.folder, 'line.mkv');
  recordVideo(video);
  const modelFile = await product.demonstrationFile(0.5, 160);
  await product.startHub();
  const db = await product.database();
  const camera = ['--camera', video, '--no-loop', '--top', '8'];
  const here = product.runAgent('here', { modelFile, camera });
  const board = product.runAgent('board', { modelFile, camera, on: { node, tree } });
  const [ours, theirs] = await Promise.all([watched(db, 'here', here.exited), watched(db, 'board', board.exited)]);

  const device = await db.device.findUniqueOrThrow({ where: { id: 'board' } });
  expect(device.arch).toBe('arm64');
  expect(ours.size).toBe(frames);
  // While the emulator still translates the classifier for the first time, newer frames take the place of waiting ones.
  expect(theirs.size).toBeGreaterThanOrEqual(frames * 0.75);
  let greatest = 0;
  for (const [frame, row] of theirs) {
    const mine = ours.get(frame);
    expect.soft(row.label, `frame ${frame}`).toBe(mine?.label);
    const known = mine === undefined ? new Map<number, number>() : probabilities(mine);
    for (const [index, probability] of probabilities(row)) greatest = Math.max(greatest, Math.abs(probability - (known.get(index) ?? 2)));
  }
  expect(greatest).toBeLessThanOrEqual(tolerance);
  expect(new Set([...theirs.values()].map(({ label }) => label)).size, 'different answers').toBeGreaterThan(3);
  process.stdout.write(
    `arm64 against x64: ${theirs.size} frames, same labels, greatest difference of a probability ${greatest.toExponential(1)}\n`,
  );
});
