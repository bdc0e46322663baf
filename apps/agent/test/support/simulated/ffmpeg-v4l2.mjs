/**
 * @file ffmpeg as it is, but for `-f v4l2`: it checks what the device is asked for, lets one reader in, and gives a picture of that size
 * and rate to the real ffmpeg, which does all the rest of the command line. Its first argument is its settings in JSON.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { acquire, release } from './lock.mjs';

const settings = JSON.parse(process.argv[2]);
const args = process.argv.slice(3);
const label = '[video4linux2,v4l2 @ 0x5581] [error]';

function fail(words) {
  process.stderr.write(`${label} ${words}\n`);
  process.exit(1);
}

function take(name) {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args.splice(at, 2)[1];
}

if (!args.includes('v4l2')) {
  const plain = spawn('ffmpeg', args, { stdio: 'inherit' });
  plain.on('close', (code) => process.exit(code ?? 1));
} else {
  const input = Object.fromEntries(['-f', '-input_format', '-video_size', '-framerate', '-fflags'].map((name) => [name, take(name)]));
  const device = args[args.indexOf('-i') + 1];
  if (!existsSync(settings.plugged)) fail(`Cannot open video device ${device}: No such file or directory`);
  if (settings.forbidden) fail(`Cannot open video device ${device}: Permission denied`);
  const offered = settings.offers[input['-input_format']] ?? {};
  const rates = offered[input['-video_size']];
  if (rates === undefined) fail(`Cannot set video format ${input['-input_format']} ${input['-video_size']}: Invalid argument`);
  if (!rates.includes(Number(input['-framerate']))) fail(`ioctl(VIDIOC_S_PARM): rate ${input['-framerate']} is not offered`);
  if (!acquire(settings)) fail('ioctl(VIDIOC_REQBUFS): Device or resource busy');
  const at = args.indexOf('-i');
  const [width, height] = input['-video_size'].split('x');
  const source = settings.moves
    ? ['-re', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${input['-framerate']}`]
    : ['-re', '-loop', '1', '-framerate', input['-framerate'], '-i', settings.picture];
  const real = spawn('ffmpeg', [...args.slice(0, at), ...source, ...args.slice(at + 2)], { stdio: [0, 1, 2, 3] });
  const end = (code) => {
    release(settings);
    process.exit(code);
  };
  process.on('SIGTERM', () => real.kill('SIGTERM'));
  setInterval(() => {
    if (existsSync(settings.plugged)) return;
    real.removeAllListeners('close');
    real.kill('SIGKILL');
    process.stderr.write(`${label} ioctl(VIDIOC_DQBUF): No such device\n`);
    end(1);
  }, 20);
  real.on('close', (code) => end(code ?? 1));
}
