/** @file Which camera an operator means by what stands behind --camera. */
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { inspectionLineRate, type View } from '@alpharho/mobilenet-core/device';
import { AlpharhoError } from '@alpharho/protocol';
import { z } from 'zod';
import type { Clock } from '../../domain/clock.ts';
import type { Camera, Log } from '../../domain/ports.ts';
import { quantity } from '../../settings/kinds.ts';
import { systemCode } from '../system/disk-error.ts';
import { invalidAddress, parseQuery, rateSchema, splitAddress } from './camera-address.ts';
import { ChildCamera } from './child-camera.ts';
import type { ChildSource } from './child-source.ts';
import { FfmpegSource } from './ffmpeg-source.ts';
import { FolderCamera } from './folder-camera.ts';
import { gstreamerSource, jetsonSource } from './gstreamer-source.ts';
import { answersMjpeg, isMjpegAddress, openMjpeg } from './open-mjpeg.ts';
import { RpicamSource } from './rpicam-source.ts';
import { SyntheticCamera } from './synthetic-camera.ts';
import { isVideoDevice, V4l2Source } from './v4l2-source.ts';

const defaultImageRate = 10;

export type CameraOptions = {
  /** As the operator wrote it. */
  readonly source: string;
  /** Frames a second, where the operator said so. */
  readonly rate: number | undefined;
  /** Files and folders begin again at their end. */
  readonly loop: boolean;
  /** Video files are played at their own rate, and not as fast as they are classified. */
  readonly realtime: boolean;
  /** Which part of the picture is looked at, and which way up. */
  readonly view: View;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
};

const sceneSchema = z.strictObject({
  seed: quantity({ expected: 'a whole number from 0 to 4294967295', min: 0, max: 4_294_967_295, whole: true }).default(1),
  rate: rateSchema.optional(),
});

/** What stands before the colon, and how the rest is read. */
const kinds = new Map<string, (address: string, options: CameraOptions) => ChildSource>([
  ['v4l2', (address, options) => new V4l2Source(address, options)],
  ['rpicam', (address, options) => new RpicamSource(address, options)],
  ['jetson', (address, options) => jetsonSource(address, options)],
  ['gstreamer', (address, options) => gstreamerSource(address, options)],
]);

/** @throws AlpharhoError camera_missing or camera_unreadable for paths, config_invalid for what no camera can be made of */
export async function openCamera(options: CameraOptions): Promise<Camera> {
  const { source } = options;
  if (source === 'synthetic' || source.startsWith('synthetic:')) return openSynthetic(options);
  const [, kind = '', address = ''] = /^([a-z0-9]+):(.*)$/s.exec(source) ?? [];
  const made = kinds.get(kind)?.(address, options);
  if (made !== undefined) return openChild(options, made);
  if (isVideoDevice(splitAddress(source).target)) return openChild(options, new V4l2Source(source, options));
  if (/^file:\/\//i.test(source)) return openPath({ ...options, source: fileURLToPath(source) });
  if (isMjpegAddress(source)) return openMjpeg(source, options);
  if (await answersMjpeg(source)) return openMjpeg(`mjpeg:${source}`, options);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) return openFfmpeg(options, 'stream');
  return openPath(options);
}

async function openPath(options: CameraOptions): Promise<Camera> {
  const { source, rate, loop, view, clock, log } = options;
  const facts = await stat(source).catch((error: unknown) => Promise.reject(pathError(source, error)));
  if (facts.isDirectory()) return new FolderCamera({ folder: source, rate: rate ?? defaultImageRate, loop, view, clock, log });
  if (facts.isFile()) return openFfmpeg(options, 'file');
  throw new AlpharhoError(
    'camera_unreadable',
    `${source} is neither a file nor a folder; a video file, a folder of images, a URL or "synthetic" is expected`,
  );
}

function openFfmpeg(options: CameraOptions, kind: 'file' | 'stream'): Camera {
  const { source, rate, loop, realtime, view } = options;
  return openChild(options, new FfmpegSource({ source, kind, loop, realtime, rate, view }));
}

function openChild({ clock, random }: CameraOptions, source: ChildSource): Camera {
  return new ChildCamera({ source, clock, random });
}

function openSynthetic({ source, rate, view, clock, log }: CameraOptions): Camera {
  const { target, query } = splitAddress(source.slice('synthetic:'.length));
  const expected = '"synthetic:inspection?seed=1&rate=10"';
  if (target !== '' && target !== 'inspection') throw invalidAddress(source, `there is no scene "${target}"`, expected);
  const scene = parseQuery(source, query, sceneSchema, expected);
  if (rate !== undefined && scene.rate !== undefined && scene.rate !== rate) {
    log.warn(`the setting rate, ${rate}, does nothing: the camera's address says rate=${scene.rate}; leave one of them out`);
  }
  return new SyntheticCamera({ name: source, seed: scene.seed, rate: scene.rate ?? rate ?? inspectionLineRate, view, clock });
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
