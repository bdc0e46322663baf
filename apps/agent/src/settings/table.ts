/**
 * @file The one table of settings. Flags, environment names, the file's keys, the help, the README's tables and `config --explain`
 * are all made from it: `dataDir` is `--data-dir`, `ALPHARHO_AGENT_DATA_DIR` and `data-dir:`.
 */
import { hostname } from 'node:os';
import { deviceIdSchema } from '@alpharho/protocol';
import type { z } from 'zod';
import { publishModes } from '../domain/publish-policy.ts';
import { parseThresholds } from '../domain/thresholds.ts';
import { parseRoi, turns } from '../domain/view.ts';
import { logLevels } from '../io/system/log.ts';
import { address, choice, flag, list, quantity, text } from './kinds.ts';

export const groups = {
  camera: 'Camera',
  model: 'Model and inference',
  governor: 'Governor',
  hub: 'Hub',
  publish: 'What is published',
  board: 'On the board',
} as const;
export type Group = keyof typeof groups;

export type Setting<Schema extends z.ZodType = z.ZodType, Fallback = unknown> = {
  readonly group: Group;
  /** What stands for the value in the help; a switch has none. */
  readonly value?: string;
  readonly help: string;
  readonly schema: Schema;
  /** The default; undefined where there is none, and `otherwise` says what happens then. */
  readonly fallback: Fallback;
  readonly otherwise?: string;
  /** Addresses in it may carry user, password or token, which are never shown. */
  readonly address?: true;
};

function setting<Schema extends z.ZodType, const Fallback extends z.output<Schema> | undefined>(
  made: Setting<Schema, Fallback>,
): Setting<Schema, Fallback> {
  return made;
}

/** The machine's name as a device id, as far as it can be one. */
export function defaultId(): string {
  const name = hostname()
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return name || 'agent';
}

export const settings = {
  camera: setting({
    group: 'camera',
    value: 'source',
    help: 'video file, folder of images, URL, /dev/video0, rpicam:0, jetson:0, gstreamer:PIPELINE or synthetic[:inspection?seed=1&rate=10]',
    schema: text('a video file, a folder of images, a URL or "synthetic"'),
    fallback: undefined,
    otherwise: 'none; it must be given',
    address: true,
  }),
  rate: setting({
    group: 'camera',
    value: 'frames/s',
    help: 'frames a second',
    schema: quantity({
      expected: 'a number of frames a second, above 0 and up to 1000',
      above: 0,
      max: 1000,
      unit: 'frames/s',
    }),
    fallback: undefined,
    otherwise: '10 for images and synthetic, the own rate for video',
  }),
  roi: setting({
    group: 'camera',
    value: 'x,y,width,height',
    help: 'the part of the upright picture that is looked at, in fractions of its sides: `0.25,0.25,0.5,0.5` is the middle quarter',
    schema: text('x,y,width,height as fractions of the picture from 0 to 1').refine(
      (value) => parseRoi(value) !== undefined,
      'expected x,y,width,height as fractions from 0 to 1 of a region inside the picture, like 0.25,0.25,0.5,0.5',
    ),
    fallback: undefined,
    otherwise: 'all of it',
  }),
  rotate: setting({
    group: 'camera',
    value: 'degrees',
    help: 'how far the picture is turned, clockwise, to be upright: 0, 90, 180 or 270',
    schema: choice(...turns),
    fallback: '0',
  }),
  mirror: setting({
    group: 'camera',
    help: 'swap left and right, after turning',
    schema: flag(),
    fallback: false,
  }),
  loop: setting({
    group: 'camera',
    help: 'begin a file or folder again at its end; --no-loop ends the agent there, with exit code 0',
    schema: flag(),
    fallback: true,
  }),
  realtime: setting({
    group: 'camera',
    help: 'play a video file at its own rate; --no-realtime plays it as fast as it is classified, and drops no frame of it',
    schema: flag(),
    fallback: true,
  }),
  model: setting({
    group: 'model',
    value: 'file',
    help: 'variant file (.onnx) to serve until the hub desires another one; a variant that was committed goes before it, also after a restart',
    schema: text('a variant file (.onnx)'),
    fallback: undefined,
    otherwise: 'wait for the hub',
  }),
  threads: setting({
    group: 'model',
    value: 'n',
    help: 'threads that work on one inference',
    schema: quantity({ expected: 'a whole number from 1 to 64', min: 1, max: 64, whole: true }),
    fallback: undefined,
    otherwise: 'as measured; without that, one less than the cores, 4 at most',
  }),
  providers: setting({
    group: 'model',
    value: 'names',
    help: 'execution providers of ONNX Runtime, the preferred one first, like `cuda,cpu`; the first that comes up runs every variant. `auto`: the fastest of those that come up',
    schema: list('names of execution providers with commas between, or auto', text('a name', /^[a-z0-9_-]{1,40}$/), 16),
    fallback: ['auto'],
  }),
  tune: setting({
    group: 'model',
    help: 'measure threads, provider and precision of a variant when it is seen for the first time, in 3 s at most; --no-tune takes the defaults',
    schema: flag(),
    fallback: true,
  }),
  precision: setting({
    group: 'model',
    value: 'which',
    help: 'file: run quantized variants as they are; fastest: or as float32 where that is faster here, though it answers otherwise where two classes are nearly alike',
    schema: choice('file', 'fastest'),
    fallback: 'file',
  }),
  top: setting({
    group: 'model',
    value: 'n',
    help: 'classes sent for each frame, 1 to 10',
    schema: quantity({ expected: 'a whole number from 1 to 10', min: 1, max: 10, whole: true }),
    fallback: 5,
  }),
  budgetP95: setting({
    group: 'governor',
    value: 'ms',
    help: 'captured frame → result, 95th percentile, at most',
    schema: quantity({ expected: 'a number of milliseconds from 1 to 60000', min: 1, max: 60_000, unit: 'ms' }),
    fallback: undefined,
    otherwise: 'no limit',
  }),
  minRate: setting({
    group: 'governor',
    value: 'frames/s',
    help: 'results a second, at least, of a camera that gives as many',
    schema: quantity({ expected: 'a number of frames a second, above 0 and up to 1000', above: 0, max: 1000, unit: 'frames/s' }),
    fallback: undefined,
    otherwise: 'no limit',
  }),
  maxTemperature: setting({
    group: 'governor',
    value: '°C',
    help: "the board's hottest zone, at most",
    schema: quantity({ expected: 'a number of °C from 30 to 120', min: 30, max: 120, unit: '°C' }),
    fallback: undefined,
    otherwise: 'no limit',
  }),
  allowRhos: setting({
    group: 'governor',
    value: 'list',
    help: 'resolutions that may be stepped to, for variants that serve several: `224,192,160,128`',
    schema: list(
      'resolutions from 32 to 1024, 32 of them at most, like 224,192,160,128',
      quantity({ expected: 'a whole number of pixels from 32 to 1024', min: 32, max: 1024, whole: true, unit: 'px' }),
      32,
    ),
    fallback: undefined,
    otherwise: "the variant's own",
  }),
  allowRates: setting({
    group: 'governor',
    value: 'list',
    help: 'frames a second that may be stepped to, the highest first: `15,10,5`; more than that are never let through',
    schema: list(
      'rates above 0 and up to 1000 frames a second, 32 of them at most, like 15,10,5',
      quantity({ expected: 'a number of frames a second, above 0 and up to 1000', above: 0, max: 1000, unit: 'frames/s' }),
      32,
    ),
    fallback: undefined,
    otherwise: 'all that the camera gives',
  }),
  hub: setting({
    group: 'hub',
    value: 'url',
    help: "the hub's broker: mqtt://, mqtts://, ws:// or wss://, with user and password where it wants them",
    schema: address('an address like mqtt://host:1883', ['mqtt', 'mqtts', 'ws', 'wss']),
    fallback: 'mqtt://127.0.0.1:1883',
    address: true,
  }),
  id: setting({
    group: 'hub',
    value: 'device',
    help: 'name of this device on the hub',
    schema: deviceIdSchema,
    fallback: defaultId(),
    otherwise: "the machine's name",
  }),
  modelsUrl: setting({
    group: 'hub',
    value: 'url',
    help: 'where model files come from',
    schema: address('an address like http://host:1880', ['http', 'https']),
    fallback: undefined,
    otherwise: "the hub's machine, port 1880",
    address: true,
  }),
  trust: setting({
    group: 'hub',
    value: 'file',
    help: 'key set (JSON) whose signatures count; `enroll` writes one. Another file begins anew, over what the data folder holds',
    schema: text('a file that holds a key set'),
    fallback: undefined,
    otherwise: 'the first that the hub sends',
  }),
  downloadFloor: setting({
    group: 'hub',
    value: 'kB/s',
    help: 'a model file that comes slower than this over a minute is given up and tried again later; 0 puts up with anything',
    schema: quantity({ expected: 'a number of kilobytes a second from 0 to 100000', min: 0, max: 100_000, unit: 'kB/s' }),
    fallback: 1,
  }),
  dataDir: setting({
    group: 'board',
    value: 'folder',
    help: 'outbox, models and journal; belongs to one agent at a time',
    schema: text('a folder'),
    fallback: undefined,
    otherwise: '~/.local/share/alpharho-agent/<id>',
  }),
  publish: setting({
    group: 'publish',
    value: 'policy',
    help: 'which results leave: `every` one, the first of each `change` of label, or the first of each `interval`',
    schema: choice(...publishModes),
    fallback: 'every',
  }),
  changeCount: setting({
    group: 'publish',
    value: 'n',
    help: 'results in a row that must agree before a label is taken for a change',
    schema: quantity({ expected: 'a whole number from 1 to 1000', min: 1, max: 1000, whole: true }),
    fallback: 3,
  }),
  publishInterval: setting({
    group: 'publish',
    value: 'seconds',
    help: 'the interval of `--publish interval`',
    schema: quantity({ expected: 'a number of seconds from 0.1 to 86400', min: 0.1, max: 86_400, unit: 's' }),
    fallback: 10,
  }),
  thresholds: setting({
    group: 'publish',
    value: 'label=p,*=p',
    help: 'how probable the first class must be for a result to count, by label, `*` for the others: `scratched=0.8,*=0.5`',
    schema: text('labels with probabilities from 0 to 1, like "scratched=0.8,*=0.5"').refine(
      (value) => parseThresholds(value) !== undefined,
      'expected labels with probabilities from 0 to 1, each label once, like "scratched=0.8,*=0.5"',
    ),
    fallback: undefined,
    otherwise: 'every result counts',
  }),
  thumbnails: setting({
    group: 'publish',
    help: 'send a small picture of the frame with each event of another label',
    schema: flag(),
    fallback: false,
  }),
  thumbnailSide: setting({
    group: 'publish',
    value: 'pixels',
    help: 'longest side of that picture',
    schema: quantity({ expected: 'a whole number of pixels from 16 to 320', min: 16, max: 320, whole: true, unit: 'px' }),
    fallback: 128,
  }),
  thumbnailBlur: setting({
    group: 'publish',
    help: 'reduce that picture to 16 × 16 areas first, so that writing and faces in a usual scene cannot be made out',
    schema: flag(),
    fallback: false,
  }),
  snapshots: setting({
    group: 'publish',
    help: 'let the hub ask for a picture of what the camera sees',
    schema: flag(),
    fallback: false,
  }),
  homeAssistant: setting({
    group: 'publish',
    value: 'url',
    help: "Home Assistant's broker, `mqtt://user:password@host:1883`, where the board then appears by itself; a discovery prefix other than `homeassistant` stands behind the address: `/prefix`",
    schema: address('an address like mqtt://user:password@homeassistant.local:1883', ['mqtt', 'mqtts']).refine(
      (value) => /^(\/[A-Za-z0-9_-]+)*\/?$/.test(new URL(value).pathname),
      'expected letters, digits, "_" and "-" behind the address, if anything: the discovery prefix',
    ),
    fallback: undefined,
    otherwise: 'off',
    address: true,
  }),
  outboxLimit: setting({
    group: 'board',
    value: 'MB',
    help: 'disk space for results that wait for the hub; beyond it the oldest go, and the device reports outbox_full',
    schema: quantity({ expected: 'a number of megabytes, 1 or more', min: 1, max: 1e6, unit: 'MB' }),
    fallback: 512,
  }),
  statusPort: setting({
    group: 'board',
    value: 'port',
    help: 'port on loopback for `status`, /healthz, /readyz and /metrics; 0 for none',
    schema: quantity({ expected: 'a port from 0 to 65535', min: 0, max: 65_535, whole: true }),
    fallback: 9180,
  }),
  logLevel: setting({
    group: 'board',
    value: 'level',
    help: 'debug, info, warn or error',
    schema: choice(...logLevels),
    fallback: 'info',
  }),
  logJson: setting({
    group: 'board',
    help: 'log JSON lines; the log is on stderr either way',
    schema: flag(),
    fallback: false,
  }),
};

export type SettingName = keyof typeof settings;
export const settingNames = Object.keys(settings) as SettingName[];

/** What each setting is once it is known: undefined only where the table has no default. */
export type Values = {
  readonly [Name in SettingName]: (typeof settings)[Name] extends Setting<infer Schema, infer Fallback>
    ? z.output<Schema> | (Fallback extends undefined ? undefined : never)
    : never;
};

/** `data-dir`: the flag without its dashes, and the file's key. */
export function dashed(name: SettingName): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export const environmentPrefix = 'ALPHARHO_AGENT_';

/** `ALPHARHO_AGENT_DATA_DIR` */
export function environmentName(name: SettingName): string {
  return environmentPrefix + dashed(name).replaceAll('-', '_').toUpperCase();
}

/** A setting that is on or off. */
export function isSwitch(name: SettingName): boolean {
  return !('value' in settings[name]);
}
