/** @file Which camera an operator means by what stands behind --camera. */
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { inspectionLineRate } from '@alpharho/mobilenet-core/device';
import { AlpharhoError } from '@alpharho/protocol';
import { z } from 'zod';
import type { Clock } from '../../domain/clock.ts';
import type { Camera, Log } from '../../domain/ports.ts';
import { systemCode } from '../system/disk-error.ts';
import { FfmpegCamera } from './ffmpeg-camera.ts';
import { FolderCamera } from './folder-camera.ts';
import { SyntheticCamera } from './synthetic-camera.ts';

const defaultImageRate = 10;

export type CameraOptions = {
  /** As the operator wrote it. */
  readonly source: string;
  /** Frames a second, where the operator said so. */
  readonly rate: number | undefined;
  /** Files and folders begin again at their end. */
  readonly loop: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
};

const sceneSchema = z.strictObject({
  seed: z.coerce.number().int().min(0).max(4_294_967_295).default(1),
  rate: z.coerce.number().positive().max(1000).optional(),
});

/** @throws AlpharhoError camera_missing or camera_unreadable for paths, config_invalid for a scene that there is not */
export async function openCamera(options: CameraOptions): Promise<Camera> {
  const { source } = options;
  if (source === 'synthetic' || source.startsWith('synthetic:')) return openSynthetic(options);
  if (/^file:\/\//i.test(source)) return openPath({ ...options, source: fileURLToPath(source) });
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) return openFfmpeg(options, 'stream');
  return openPath(options);
}

async function openPath(options: CameraOptions): Promise<Camera> {
  const { source, rate, loop, clock, log } = options;
  const facts = await stat(source).catch((error: unknown) => Promise.reject(pathError(source, error)));
  if (facts.isDirectory()) return new FolderCamera({ folder: source, rate: rate ?? defaultImageRate, loop, clock, log });
  if (facts.isFile()) return openFfmpeg(options, 'file');
  throw new AlpharhoError(
    'camera_unreadable',
    `${source} is neither a file nor a folder; a video file, a folder of images, a URL or "synthetic" is expected`,
  );
}

function openFfmpeg({ source, rate, loop, clock, random }: CameraOptions, kind: 'file' | 'stream'): Camera {
  return new FfmpegCamera({ input: { source, kind, loop, realtime: true, rate }, clock, random });
}

function openSynthetic({ source, rate, clock }: CameraOptions): Camera {
  const [scene = '', query = ''] = source.slice('synthetic:'.length).split('?', 2);
  if (scene !== '' && scene !== 'inspection') throw invalid(source, `there is no scene "${scene}"`);
  const parsed = sceneSchema.safeParse(Object.fromEntries(new URLSearchParams(query)));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(source, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not usable'}`.replace(/^: /, ''));
  }
  return new SyntheticCamera({ name: source, seed: parsed.data.seed, rate: parsed.data.rate ?? rate ?? inspectionLineRate, clock });
}

function invalid(source: string, what: string): AlpharhoError {
  return new AlpharhoError('config_invalid', `--camera ${source}: ${what}; expected "synthetic:inspection?seed=1&rate=10"`);
}

function pathError(path: string, error: unknown): AlpharhoError {
  const system = systemCode(error);
  if (system === 'ENOENT' || system === 'ENOTDIR') {
    return new AlpharhoError(
      'camera_missing',
      `camera ${path} does not exist; a video file, a folder of images, a URL or "synthetic" is expected`,
    );
  }
  return new AlpharhoError('camera_unreadable', `camera ${path} cannot be read (${system ?? String(error)})`, { cause: error });
}
