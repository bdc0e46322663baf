/**
 * @file Behaves like rpicam-vid 1.x with `--codec yuv420`, as far as the agent uses it: the same options and no others, one reader at a
 * time, the sensor mode's field of view, rows padded to a multiple, and the same last words. Its first argument is its settings in JSON.
 */
import { existsSync, writeFileSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { acquire, release } from './lock.mjs';

const settings = JSON.parse(process.argv[2]);
const text = { type: 'string' };
const flag = { type: 'boolean' };

function fail(words) {
  process.stderr.write(`ERROR: *** ${words} ***\n`);
  process.exit(255);
}

function readOptions() {
  try {
    return parseArgs({
      args: process.argv.slice(3),
      options: {
        camera: text,
        nopreview: flag,
        codec: text,
        output: text,
        flush: flag,
        width: text,
        height: text,
        framerate: text,
        roi: text,
        mode: text,
        timeout: text,
        frames: text,
      },
    }).values;
  } catch (error) {
    return fail(`unrecognised option: ${error.message}`);
  }
}

function take() {
  if (acquire(settings)) return;
  process.stderr.write('[0:03:01.123456789] [1234] ERROR Camera camera.cpp:1041 Pipeline handler in use by another process\n');
  fail('failed to acquire camera /base/soc/i2c0mux/i2c@1/imx219@10');
}

function end() {
  release(settings);
  process.exit(0);
}

/** What the sensor mode sees; left to itself the library takes a small mode, which sees a part only. */
function fieldOf(mode) {
  return mode === undefined || mode.startsWith('640:480')
    ? { x: 0.3, y: 0.3, width: 0.4, height: 0.4 }
    : { x: 0, y: 0, width: 1, height: 1 };
}

/** Full range, as `--codec yuv420` has it; one colour for four pixels. */
function toYuv(rgb, width, height, stride) {
  const planeU = stride * height;
  const planeV = planeU + planeU / 4;
  // Padding is whatever was in the memory.
  const yuv = new Uint8Array((planeU * 3) / 2).fill(0xaa);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [r, g, b] = rgb.subarray((y * width + x) * 3);
      yuv[y * stride + x] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    }
  }
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const [r, g, b] = [0, 1, 2].map((channel) => {
        const at = (row, column) => rgb[((y + row) * width + x + column) * 3 + channel];
        return (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4;
      });
      const at = (y / 2) * (stride / 2) + x / 2;
      yuv[planeU + at] = Math.max(0, Math.min(255, Math.round(128 - 0.168736 * r - 0.331264 * g + 0.5 * b)));
      yuv[planeV + at] = Math.max(0, Math.min(255, Math.round(128 + 0.5 * r - 0.418688 * g - 0.081312 * b)));
    }
  }
  return yuv;
}

const options = readOptions();
const [width, height, rate] = [options.width, options.height, options.framerate].map(Number);
if (!existsSync(settings.plugged)) fail('no cameras available');
if (options.camera !== '0') fail('selected camera is not available');
if (options.codec !== 'yuv420' || options.output !== '-') fail('this is simulated for --codec yuv420 --output - only');
if (width % 2 !== 0 || height % 2 !== 0) fail('failed to valid stream configurations');
take();
process.on('SIGTERM', end);
process.on('SIGINT', end);

const field = fieldOf(options.mode);
const [x, y, w, h] = options.roi.split(',').map(Number);
const picture = await sharp(settings.picture).metadata();
const rgb = await sharp(settings.picture)
  .extract({
    left: Math.round((field.x + x * field.width) * picture.width),
    top: Math.round((field.y + y * field.height) * picture.height),
    width: Math.round(w * field.width * picture.width),
    height: Math.round(h * field.height * picture.height),
  })
  .resize(width, height, { fit: 'fill', kernel: 'linear' })
  .removeAlpha()
  .raw()
  .toBuffer();
const stride = Math.ceil(width / settings.align) * settings.align;
const still = toYuv(rgb, width, height, stride);

if (settings.greets !== undefined && options.frames === undefined && !existsSync(settings.greets)) {
  writeFileSync(settings.greets, '');
  process.stdout.write('Hello\n');
}

let count = 0;
const timer = setInterval(() => {
  if (!existsSync(settings.plugged)) {
    process.stderr.write(
      '[0:05:01.123456789] [1234] ERROR V4L2 v4l2_videodevice.cpp:2095 /dev/video0[12:cap]: Failed to queue buffer: No such device\n',
    );
    fail('Device timeout detected');
  }
  const frame = settings.moves ? still.map((value, at) => (at < stride * height ? Math.min(255, value + (count % 16)) : value)) : still;
  // All of it before the next one, as one fwrite and one flush do.
  for (let at = 0; at < frame.length; ) at += write(frame.subarray(at));
  count += 1;
  if (options.frames !== undefined && count >= Number(options.frames)) {
    clearInterval(timer);
    end();
  }
}, 1000 / rate);

function write(bytes) {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    if (error.code === 'EAGAIN') return 0;
    return end();
  }
}
