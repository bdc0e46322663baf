/** @file The cameras of this board, each as it is written behind --camera: V4L2 devices, libcamera's cameras, a Jetson's. */
import { constants } from 'node:fs';
import { access, readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../system/disk-error.ts';
import { runTool } from '../system/run-tool.ts';
import { type LibcameraCamera, listLibcamera } from './libcamera-list.ts';
import { findProgram } from './programs.ts';
import type { DeviceFormat } from './v4l2-formats.ts';
import { listFormats } from './v4l2-source.ts';

export type V4l2Camera = {
  /** What stands behind --camera: the name that the device keeps wherever it is plugged in, where it has one. */
  readonly source: string;
  readonly device: string;
  readonly name: string;
  readonly formats: readonly DeviceFormat[];
  /** Why it cannot be used as it is. */
  readonly problem?: string;
};

export type CameraList = {
  readonly v4l2: readonly V4l2Camera[];
  readonly libcamera: readonly (LibcameraCamera & { readonly source: string })[];
  /** Whether GStreamer has the element that reads a Jetson's CSI cameras. */
  readonly jetson: boolean;
  /** What to do where something is not as it should be. */
  readonly advice: readonly string[];
};

/** Where it looks; for tests. */
export type Places = { readonly sys: string; readonly dev: string; readonly path: string | undefined };
const places: Places = { sys: '/sys/class/video4linux', dev: '/dev', path: undefined };

/** Codecs and image processors have video nodes too. */
const noCamera = /codec|hevc|\bisp\b|-isp|pispbe|rpivid|loopback-out/i;
/** Receivers of a raw sensor: their pictures need an image processor. */
const rawReceiver = /unicam|rp1-cfe|rkisp|tegra-video|vi-output/i;

export async function listCameras({ sys, dev, path }: Places = places): Promise<CameraList> {
  const [v4l2, libcamera, jetson] = await Promise.all([listV4l2(sys, dev, path), listLibcamera(path), hasArgus(path)]);
  const list = { v4l2, libcamera: (libcamera ?? []).map((camera) => ({ ...camera, source: `rpicam:${camera.index}` })), jetson };
  return { ...list, advice: await advise(list, libcamera !== undefined, path) };
}

async function listV4l2(sys: string, dev: string, path: string | undefined): Promise<V4l2Camera[]> {
  const nodes = (await readdir(sys).catch(() => [])).filter((node) => /^video\d+$/.test(node));
  const lasting = await lastingNames(dev);
  const cameras: V4l2Camera[] = [];
  for (const node of nodes.sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))) {
    const name = (await readFile(join(sys, node, 'name'), 'utf8').catch(() => node)).trim();
    if (noCamera.test(name)) continue;
    const camera = await lookAt(join(dev, node), name, lasting, path);
    if (camera !== undefined) cameras.push(camera);
  }
  return cameras;
}

/** @returns undefined for a node that carries no pictures: each webcam has one for its metadata */
async function lookAt(
  device: string,
  name: string,
  lasting: ReadonlyMap<string, string>,
  path: string | undefined,
): Promise<V4l2Camera | undefined> {
  const camera = { source: lasting.get(device) ?? device, device, name };
  const denied = await access(device, constants.R_OK | constants.W_OK).then(() => undefined, systemCode);
  if (denied !== undefined) {
    const problem = denied === 'EACCES' ? 'may not be opened by this user; join the group video' : `cannot be opened (${denied})`;
    return { ...camera, formats: [], problem };
  }
  if (rawReceiver.test(name))
    return { ...camera, formats: [], problem: 'is a raw sensor; use rpicam:0 on a Raspberry Pi, jetson:0 on a Jetson' };
  const [v4l2ctl, ffmpeg] = await Promise.all([findProgram(['v4l2-ctl'], path), findProgram(['ffmpeg'], path)]);
  const formats = await listFormats(device, { v4l2ctl: v4l2ctl ?? 'v4l2-ctl', ffmpeg: ffmpeg ?? 'ffmpeg' });
  if (formats.length > 0) return { ...camera, formats };
  return v4l2ctl === undefined && ffmpeg === undefined
    ? { ...camera, formats, problem: 'tells its formats to v4l2-ctl or ffmpeg only' }
    : undefined;
}

/** Device → the name that it keeps. */
async function lastingNames(dev: string): Promise<Map<string, string>> {
  const folder = join(dev, 'v4l', 'by-id');
  const names = new Map<string, string>();
  for (const name of (await readdir(folder).catch(() => [])).sort()) {
    const link = join(folder, name);
    const device = await realpath(link).catch(() => undefined);
    if (device !== undefined) names.set(device, link);
  }
  return names;
}

async function hasArgus(path: string | undefined): Promise<boolean> {
  const program = await findProgram(['gst-inspect-1.0'], path);
  return program !== undefined && (await runTool(program, ['--exists', 'nvarguscamerasrc']))?.ok === true;
}

async function advise(
  { v4l2, libcamera, jetson }: Omit<CameraList, 'advice'>,
  hasLibcamera: boolean,
  path: string | undefined,
): Promise<string[]> {
  const advice: string[] = [];
  const isEmpty = v4l2.length === 0 && libcamera.length === 0 && !jetson;
  if (isEmpty) advice.push('no camera is connected to this machine; videos, folders of images, network cameras and "synthetic" need none');
  if (v4l2.some(({ problem }) => problem?.includes('group video'))) {
    advice.push('let the user of the agent open cameras: usermod -aG video USER, and log in again');
  }
  if (v4l2.length > 0 && (await findProgram(['ffmpeg'], path)) === undefined)
    advice.push('V4L2 devices need ffmpeg: apt-get install ffmpeg');
  const isPi = /raspberry pi/i.test(await readFile('/proc/device-tree/model', 'utf8').catch(() => ''));
  if (isPi && !hasLibcamera) advice.push('CSI cameras of a Raspberry Pi need rpicam-vid: apt-get install rpicam-apps-lite');
  if (isPi && hasLibcamera && libcamera.length === 0) advice.push('libcamera finds no camera: look at the ribbon cable, then restart');
  return advice;
}

/** Lines for people. */
export function describeCameras({ v4l2, libcamera, jetson, advice }: CameraList): string[] {
  return [
    ...v4l2.flatMap((camera) => [
      `${camera.source}  ${camera.name}`,
      ...(camera.problem === undefined ? formatLines(camera.formats) : [`    ${camera.problem}`]),
    ]),
    ...libcamera.flatMap(({ source, model, modes }) => [
      `${source}  ${model}`,
      ...modes.map(
        ({ width, height, bits, rate, field }) =>
          `    ${width}x${height}  ${bits} bits  ${rate} frames/s  sees ${field.width}x${field.height} of the sensor`,
      ),
    ]),
    ...(jetson ? ["jetson:0  a Jetson's CSI camera; its number is that of nvarguscamerasrc's sensor-id"] : []),
    ...advice.map((line) => `${line[0]?.toUpperCase()}${line.slice(1)}.`),
  ];
}

function formatLines(formats: readonly DeviceFormat[]): string[] {
  return formats.flatMap(({ code, ffmpeg, sizes }) =>
    sizes.map(({ width, height, rates }) => {
      const rate = rates.length === 0 ? '' : `  ${rates.join(', ')} frames/s`;
      return `    ${width}x${height}  ${ffmpeg === undefined ? `${code}, which ffmpeg cannot read` : `format=${ffmpeg}`}${rate}`;
    }),
  );
}
