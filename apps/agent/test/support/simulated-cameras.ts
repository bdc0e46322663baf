/** @file Programs that behave like those of a board with cameras, in a folder of their own: this machine has neither device nor library. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type SimulatedBoard = {
  /** The folder with the programs, as a PATH. */
  readonly path: string;
  readonly program: (name: string) => string;
  /** Whose process holds the camera. */
  readonly lock: string;
  /** Is there once a reader was refused because another one held the camera. */
  readonly refused: string;
  readonly plug: () => Promise<void>;
  readonly unplug: () => Promise<void>;
};

export type SimulatedCamera = {
  /** What the camera sees. */
  readonly picture: string;
  /** Each frame differs from the one before. */
  readonly moves?: boolean;
  /** Bytes that rows are padded to a multiple of. */
  readonly align?: number;
  /** The first reader prints a line among its frames; this file remembers that. */
  readonly greets?: string;
  /** Whoever runs the agent may not open the device. */
  readonly forbidden?: boolean;
};

/** A webcam of USB 2: 720p raw 10 times a second, as JPEG 30 times. */
export const webcamOffers = {
  yuyv422: { '640x480': [30, 15], '1280x720': [10, 5] },
  mjpeg: { '640x480': [30, 15], '1280x720': [30, 15], '1920x1080': [30] },
};

export async function simulateBoard(folder: string, camera: SimulatedCamera): Promise<SimulatedBoard> {
  await mkdir(folder, { recursive: true });
  const lock = join(folder, 'lock');
  const refused = join(folder, 'refused');
  const plugged = join(folder, 'plugged');
  const settings = { align: 64, moves: true, ...camera, lock, refused, plugged, offers: webcamOffers };
  await writeFile(plugged, '');
  await writeProgram(folder, 'rpicam-vid', 'rpicam-vid.mjs', settings);
  await writeProgram(folder, 'ffmpeg', 'ffmpeg-v4l2.mjs', settings);
  await writeTold(folder, 'rpicam-hello', libcameraList, plugged);
  await writeTold(folder, 'v4l2-ctl', webcamFormats, plugged);
  return {
    path: folder,
    program: (name) => join(folder, name),
    lock,
    refused,
    plug: () => writeFile(plugged, ''),
    unplug: () => rm(plugged),
  };
}

async function writeProgram(folder: string, name: string, file: string, settings: unknown): Promise<void> {
  const module = fileURLToPath(new URL(`./simulated/${file}`, import.meta.url));
  const script = `#!/bin/sh\nexec '${process.execPath}' '${module}' '${JSON.stringify(settings)}' "$@"\n`;
  await writeFile(join(folder, name), script, { mode: 0o755 });
}

async function writeTold(folder: string, name: string, words: string, plugged: string): Promise<void> {
  await writeFile(join(folder, `${name}.txt`), words);
  await writeFile(join(folder, name), `#!/bin/sh\n[ -e '${plugged}' ] || exit 1\ncat '${join(folder, `${name}.txt`)}'\n`, { mode: 0o755 });
}

/** In the form of rpicam-hello 1.5 with a Camera Module 2 and a Camera Module 3. */
export const libcameraList = `Available cameras
-----------------
0 : imx219 [3280x2464 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx219@10)
    Modes: 'SRGGB10_CSI2P' : 640x480 [103.33 fps - (1000, 752)/1280x960 crop]
                             1640x1232 [41.85 fps - (0, 0)/3280x2464 crop]
                             1920x1080 [47.57 fps - (680, 692)/1920x1080 crop]
                             3280x2464 [21.19 fps - (0, 0)/3280x2464 crop]
           'SRGGB8' : 640x480 [103.33 fps - (1000, 752)/1280x960 crop]
                      1640x1232 [41.85 fps - (0, 0)/3280x2464 crop]

1 : imx708 [4608x2592 10-bit RGGB] (/base/soc/i2c0mux/i2c@0/imx708@1a)
    Modes: 'SRGGB10_CSI2P' : 1536x864 [120.13 fps - (768, 432)/3072x1728 crop]
                             2304x1296 [56.03 fps - (0, 0)/4608x2592 crop]
                             4608x2592 [14.35 fps - (0, 0)/4608x2592 crop]

`;

/** In the form of v4l2-ctl 1.22 with a webcam. */
export const webcamFormats = `ioctl: VIDIOC_ENUM_FMT
\tType: Video Capture

\t[0]: 'MJPG' (Motion-JPEG, compressed)
\t\tSize: Discrete 640x480
\t\t\tInterval: Discrete 0.033s (30.000 fps)
\t\t\tInterval: Discrete 0.067s (15.000 fps)
\t\tSize: Discrete 1280x720
\t\t\tInterval: Discrete 0.033s (30.000 fps)
\t\t\tInterval: Discrete 0.067s (15.000 fps)
\t\tSize: Discrete 1920x1080
\t\t\tInterval: Discrete 0.033s (30.000 fps)
\t[1]: 'YUYV' (YUYV 4:2:2)
\t\tSize: Discrete 640x480
\t\t\tInterval: Discrete 0.033s (30.000 fps)
\t\t\tInterval: Discrete 0.067s (15.000 fps)
\t\tSize: Discrete 1280x720
\t\t\tInterval: Discrete 0.100s (10.000 fps)
\t\t\tInterval: Discrete 0.200s (5.000 fps)
`;
