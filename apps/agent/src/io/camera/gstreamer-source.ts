/** @file GStreamer pipelines: an operator's own, and one for the cameras of a Jetson. */
import { sourceRegion, type View } from '@alpharho/mobilenet-core/device';
import type { AlpharhoError } from '@alpharho/protocol';
import { z } from 'zod';
import type { FrameFormat } from '../../domain/frames.ts';
import { quantity } from '../../settings/kinds.ts';
import { redactAddresses } from '../system/redact.ts';
import { invalidAddress, parseQuery, rateSchema, type Size, sizeSchema, splitAddress } from './camera-address.ts';
import type { ChildCommand, ChildSource, Explanation } from './child-source.ts';
import type { Picture } from './ffmpeg-args.ts';
import { respawn } from './patience.ts';
import { checkProgram, explainLines, programMissing } from './programs.ts';
import { RawFrames } from './raw-frames.ts';

const known = 'gst-launch-1.0';

/** @returns the whole pipeline, word by word */
export type Pipeline = (format: FrameFormat, picture: Picture) => string[];

export type GstreamerOptions = {
  readonly name: string;
  readonly pipeline: Pipeline;
  readonly oneReader: boolean;
  readonly picture: Picture;
  readonly program?: string;
};

export class GstreamerSource implements ChildSource {
  readonly name: string;
  readonly oneReader: boolean;
  readonly respawn = respawn;
  private readonly options: GstreamerOptions;
  private readonly program: string;

  constructor(options: GstreamerOptions) {
    this.options = options;
    this.name = options.name;
    this.oneReader = options.oneReader;
    this.program = options.program ?? known;
  }

  async check(): Promise<void> {
    await checkProgram(this.program, known, '--version');
  }

  async command(format: FrameFormat): Promise<ChildCommand> {
    const { pipeline, picture } = this.options;
    // GStreamer pads each row of RGB to a multiple of four bytes: none where ρ is a multiple of four, as usual ones are.
    const stride = Math.ceil((format.rho * 3) / 4) * 4;
    return {
      program: this.program,
      args: ['-q', ...pipeline(format, picture)],
      frames: 3,
      reader: (sink, clock) => new RawFrames(format, sink, clock, stride),
    };
  }

  explain(log: string): Explanation {
    const lines = log.split('\n').filter((line) => /^(ERROR|WARNING): /.test(line) || /system error: |resource busy/i.test(line));
    return explainLines(
      lines.map((line) => withoutSecrets(line.replace(/^(ERROR|WARNING): (from element \S+ )?/, ''))),
      true,
    );
  }

  missing(program: string): AlpharhoError {
    return programMissing(program, known);
  }
}

/** Frames leave by descriptor 3: plugins print what they like on the standard output. */
const sink = ['!', 'fdsink', 'fd=3'];

const devices = /(^|\s|!)(v4l2src|libcamerasrc|nvarguscamerasrc|nvv4l2camerasrc|rpicamsrc)\b/;

/** @param text a pipeline that ends in raw pictures of any size. @throws AlpharhoError config_invalid */
export function gstreamerSource(text: string, picture: Picture, program?: string): GstreamerSource {
  const name = `gstreamer:${withoutSecrets(text)}`;
  const expected = '"gstreamer:videotestsrc is-live=true", a pipeline that ends in raw pictures';
  const words = splitPipeline(text);
  if (words.length === 0) throw invalidAddress(name, 'the pipeline is empty', expected);
  if (words.some((word) => /sink$/.test(word))) throw invalidAddress(name, 'the pipeline has a sink, and the agent adds its own', expected);
  const pipeline: Pipeline = (format) => [...words, ...ending(format, picture)];
  return new GstreamerSource({ name, pipeline, oneReader: devices.test(text), picture, ...(program !== undefined && { program }) });
}

/** Users and passwords stand in addresses, or in properties of their own. */
function withoutSecrets(text: string): string {
  return redactAddresses(text).replaceAll(/\b(user-id|user-pw|\w*pass\w*|\w*token|\w*secret)=("[^"]*"|'[^']*'|\S+)/gi, '$1=…');
}

/** At white space outside of quotes; GStreamer reads the quotes itself. A last "!" is ours to add. */
export function splitPipeline(text: string): string[] {
  const words = text.match(/(?:[^\s"']|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return words.at(-1) === '!' ? words.slice(0, -1) : words;
}

/**
 * What the pipeline gives is scaled so that the frame is a part of it, pixel for pixel, and that part is cut out: `videocrop` counts
 * pixels, so whatever size comes, and however it changes, the crop is right to half a pixel of the frame.
 */
function ending(format: FrameFormat, { view, rate }: Picture): string[] {
  const { rho } = format;
  const { x, y, width, height } = sourceRegion(format.crop, view);
  const whole = { width: Math.max(Math.round(rho / width), rho), height: Math.max(Math.round(rho / height), rho) };
  const left = Math.min(Math.round(x * whole.width), whole.width - rho);
  const top = Math.min(Math.round(y * whole.height), whole.height - rho);
  return [
    ...(rate === undefined ? [] : ['!', 'videorate', 'drop-only=true', '!', `video/x-raw,framerate=${fraction(rate)}`]),
    // Not the two-tap kind, which would leave out most pixels of a large picture.
    ...['!', 'videoconvert', '!', 'videoscale', 'method=bilinear2', 'add-borders=false'],
    ...['!', `video/x-raw,width=${whole.width},height=${whole.height},pixel-aspect-ratio=1/1`],
    ...['!', 'videoconvert', '!', 'video/x-raw,format=RGB'],
    ...['!', 'videocrop', `left=${left}`, `right=${whole.width - rho - left}`, `top=${top}`, `bottom=${whole.height - rho - top}`],
    ...['!', 'videoflip', `video-direction=${direction(view)}`],
    ...['!', `video/x-raw,format=RGB,width=${rho},height=${rho}`, ...sink],
    // At the pace of the pipeline's own time stamps: a file is not read as fast as it can be.
    'sync=true',
  ];
}

function fraction(rate: number): string {
  return `${Math.round(rate * 1000)}/1000`;
}

/** GStreamer's names for the eight ways a square can lie. */
function direction({ rotate = 0, mirror = false }: View): string {
  const names = mirror ? { 0: 'horiz', 90: 'ul-lr', 180: 'vert', 270: 'ur-ll' } : { 0: 'identity', 90: '90r', 180: '180', 270: '90l' };
  return names[rotate];
}

const jetsonExpected = '"jetson:0?size=1920x1080&rate=30"';
const jetsonSchema = z.strictObject({
  size: sizeSchema.default({ width: 1920, height: 1080 }),
  rate: rateSchema.optional(),
  mode: quantity({ expected: 'a whole number from 0 to 20', min: 0, max: 20, whole: true }).optional(),
});

/** @param address `0?size=…`. @throws AlpharhoError config_invalid */
export function jetsonSource(address: string, picture: Picture, program?: string): GstreamerSource {
  const name = `jetson:${address}`;
  const { target, query } = splitAddress(address);
  if (!/^\d{1,2}$/.test(target)) throw invalidAddress(name, `"${target}" is no camera's number`, jetsonExpected);
  const { size, rate, mode } = parseQuery(name, query, jetsonSchema, jetsonExpected);
  const pipeline: Pipeline = (format) => [
    ...['nvarguscamerasrc', `sensor-id=${target}`, ...(mode === undefined ? [] : [`sensor-mode=${mode}`])],
    ...['!', `video/x-raw(memory:NVMM),width=${size.width},height=${size.height},framerate=${fraction(rate ?? picture.rate ?? 30)}`],
    ...jetsonEnding(format, picture.view, size),
  ];
  return new GstreamerSource({ name, pipeline, oneReader: true, picture, ...(program !== undefined && { program }) });
}

/** Cropping, scaling and turning are done by the video converter in one go; the processor only leaves out the fourth byte of each pixel. */
function jetsonEnding({ rho, crop }: FrameFormat, view: View, size: Size): string[] {
  const { x, y, width, height } = sourceRegion(crop, view);
  // Corners of a rectangle, not margins.
  const edges = {
    left: Math.round(x * size.width),
    right: Math.round((x + width) * size.width),
    top: Math.round(y * size.height),
    bottom: Math.round((y + height) * size.height),
  };
  return [
    ...['!', 'nvvidconv', ...Object.entries(edges).map(([edge, at]) => `${edge}=${at}`), `flip-method=${flipMethod(view)}`],
    ...['!', `video/x-raw,format=RGBA,width=${rho},height=${rho}`],
    ...['!', 'videoconvert', '!', 'video/x-raw,format=RGB', ...sink],
  ];
}

/** NVIDIA counts its turns the other way round. */
function flipMethod({ rotate = 0, mirror = false }: View): number {
  return mirror ? { 0: 4, 90: 7, 180: 6, 270: 5 }[rotate] : { 0: 0, 90: 3, 180: 2, 270: 1 }[rotate];
}
