/** @file Whether a camera's pictures show anything: the same one again and again, or black ones only, are told. Frames flow on. */
import { AlpharhoError } from '@alpharho/protocol';
import type { Clock } from './clock.ts';

/** One picture of each second is looked at: a tenth of a millisecond a second, whatever the frame rate. */
const everyMs = 1000;
/** An encoder that sends nothing new of a still scene sends a whole picture every few seconds, with noise of its own. */
const frozenMs = 30_000;
const blackMs = 30_000;
/** What a sensor's noise leaves of a black picture, of 255. */
const blackMean = 8;
const darkLevel = 40;
/** A single lit thing in the dark is more than this. */
const litShare = 0.001;

export type PictureWatchOptions = {
  /** The camera's name. */
  readonly name: string;
  readonly clock: Clock;
  /** Told when it begins, when it becomes something else, and with undefined when it ends. */
  readonly onDoubt: (doubt: AlpharhoError | undefined) => void;
};

export class PictureWatch {
  private readonly options: PictureWatchOptions;
  private nextLook = Number.NEGATIVE_INFINITY;
  private digest = 0;
  private length = 0;
  private changedAt = 0;
  private litAt = 0;
  private doubt: AlpharhoError['code'] | undefined;

  constructor(options: PictureWatchOptions) {
    this.options = options;
    this.reset();
  }

  /** @param pixels a whole frame, RGB */
  look(pixels: Uint8Array): void {
    const now = this.options.clock.monotonic();
    if (now < this.nextLook) return;
    this.nextLook = now + everyMs;
    const digest = digestOf(pixels);
    if (digest !== this.digest || pixels.length !== this.length) this.changedAt = now;
    this.digest = digest;
    this.length = pixels.length;
    if (!isBlack(pixels)) this.litAt = now;
    this.judge(now);
  }

  /** The camera is lost: what it showed says nothing any more. */
  reset(): void {
    const now = this.options.clock.monotonic();
    this.changedAt = now;
    this.litAt = now;
    this.tell(undefined);
  }

  private judge(now: number): void {
    const { name } = this.options;
    if (now - this.litAt >= blackMs) this.tell('camera_black', `${name} gives black pictures for ${blackMs / 1000} s and more`);
    else if (now - this.changedAt >= frozenMs)
      this.tell('camera_frozen', `${name} gives the same picture for ${frozenMs / 1000} s and more`);
    else this.tell(undefined);
  }

  private tell(code: 'camera_black' | 'camera_frozen' | undefined, words = ''): void {
    if (code === this.doubt) return;
    this.doubt = code;
    this.options.onDoubt(code === undefined ? undefined : new AlpharhoError(code, words));
  }
}

/** FNV-1a over every byte. */
function digestOf(pixels: Uint8Array): number {
  let digest = 0x811c9dc5;
  for (let at = 0; at < pixels.length; at += 1) digest = Math.imul(digest ^ (pixels[at] as number), 0x01000193);
  return digest;
}

function isBlack(pixels: Uint8Array): boolean {
  let sum = 0;
  let lit = 0;
  for (let at = 0; at < pixels.length; at += 1) {
    const value = pixels[at] as number;
    sum += value;
    if (value > darkLevel) lit += 1;
  }
  return sum / pixels.length < blackMean && lit / pixels.length < litShare;
}
