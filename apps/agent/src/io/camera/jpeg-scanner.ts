/**
 * @file Cuts JPEGs out of a stream of bytes by their own markers (ITU-T T.81, annex B), so it takes them from multipart bodies, with
 * Content-Length or without, behind boundaries with dashes or without, and from bodies that are one JPEG after the other. A picture is
 * whole at its own end: nothing waits for the boundary, which many cameras send just before the next picture.
 */

/** Second bytes of markers; the first is always 0xFF. */
const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const firstRestart = 0xd0;
const lastRestart = 0xd7;
/** Not a marker: a byte 0xFF of the picture itself. */
const stuffed = 0x00;
const temporary = 0x01;
/** Below are reserved ones that no picture has. */
const firstUsed = 0xc0;
/** As many of these as one likes may stand before a marker. */
const fill = 0xff;

const startMarker = Buffer.from([fill, startOfImage]);
const firstBytes = 1 << 18;

export type JpegScannerOptions = {
  /** A picture of more bytes than this is damage, or never ends. */
  readonly maxBytes: number;
  /** Bytes between two pictures, headers and boundary, beyond which this is no stream of JPEGs. */
  readonly maxGap: number;
  /**
   * A whole JPEG, from its first marker to its last. Its memory is the caller's from now on.
   * @returns memory for another picture, the scanner's from now on; undefined where there is none to spare
   */
  readonly picture: (jpeg: Buffer) => Buffer | undefined;
  /** A picture broke off or is damaged, and its rest is passed over. */
  readonly broken: () => void;
};

type Step = 'on' | 'more' | 'whole' | 'lost';

/** INVARIANT: outside gaps `memory[0..filled)` is the picture under way, from its first marker; `at` is how far its markers have been followed. */
export class JpegScanner {
  private readonly options: JpegScannerOptions;
  private memory: Buffer = Buffer.alloc(0);
  private filled = 0;
  private at = 0;
  private state: 'gap' | 'markers' | 'scan' = 'gap';
  /** Bytes since the last picture. */
  private gap = 0;
  /** The gap's last byte was the first of a marker. */
  private half = false;

  constructor(options: JpegScannerOptions) {
    this.options = options;
  }

  /** @throws Error in plain words where this is no stream of JPEGs; nothing may be pushed after that */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.state === 'gap' ? this.seek(rest) : this.follow(rest);
  }

  /** The stream is over. */
  end(): void {
    if (this.state !== 'gap') this.options.broken();
    this.state = 'gap';
  }

  /** @returns what follows the next picture's first marker */
  private seek(chunk: Buffer): Buffer {
    // A marker may be cut in two by the chunks.
    const cut = this.half && chunk[0] === startOfImage;
    const found = cut ? -1 : chunk.indexOf(startMarker);
    if (found < 0 && !cut) {
      this.pass(chunk);
      return chunk.subarray(chunk.length);
    }
    this.state = 'markers';
    this.filled = 0;
    this.append(startMarker);
    this.at = startMarker.length;
    return chunk.subarray(found + startMarker.length);
  }

  private pass(bytes: Buffer): void {
    this.half = bytes.at(-1) === fill;
    this.gap += bytes.length;
    if (this.gap > this.options.maxGap) throw noJpegs(`no JPEG begins within ${this.gap} bytes`);
  }

  /** @returns what comes after the picture's end, nothing where that is not reached */
  private follow(chunk: Buffer): Buffer {
    this.append(chunk);
    let step: Step = 'on';
    while (step === 'on') step = this.step();
    if (step === 'whole') return this.give(chunk);
    if (step === 'lost') this.lose();
    if (this.filled > this.options.maxBytes) throw noJpegs(`a picture does not end within ${this.filled} bytes`);
    return chunk.subarray(chunk.length);
  }

  private step(): Step {
    if (this.state === 'scan' && this.at < this.filled) {
      const found = this.memory.subarray(0, this.filled).indexOf(fill, this.at);
      this.at = found < 0 ? this.filled : found;
    }
    // A segment's length may lead beyond what has come.
    if (this.at + 1 >= this.filled) return 'more';
    return this.memory[this.at] === fill ? this.marker(this.memory[this.at + 1] as number) : 'lost';
  }

  private marker(code: number): Step {
    if (code === fill) return this.advance(1);
    if (code === stuffed) return this.state === 'scan' ? this.advance(2) : 'lost';
    if (code === temporary || (code >= firstRestart && code <= lastRestart)) return this.advance(2);
    if (code === endOfImage) return 'whole';
    // Either the next picture begins before this one has ended, or this is text behind a picture that broke off.
    if (code === startOfImage || code < firstUsed) return 'lost';
    if (this.at + 3 >= this.filled) return 'more';
    const length = this.memory.readUInt16BE(this.at + 2);
    if (length < 2) return 'lost';
    this.state = code === startOfScan ? 'scan' : 'markers';
    return this.advance(2 + length);
  }

  private advance(bytes: number): Step {
    this.at += bytes;
    return 'on';
  }

  private give(chunk: Buffer): Buffer {
    const end = this.at + 2;
    const rest = chunk.subarray(chunk.length - (this.filled - end));
    const picture = this.memory.subarray(0, end);
    this.leave();
    this.memory = this.options.picture(picture) ?? Buffer.alloc(0);
    return rest;
  }

  /** Goes on from the next picture's first marker, where one has come already. */
  private lose(): void {
    this.options.broken();
    const rest = Buffer.from(this.memory.subarray(this.at, this.filled));
    this.leave();
    this.push(rest);
  }

  private leave(): void {
    this.state = 'gap';
    this.gap = 0;
    this.half = false;
    this.filled = 0;
  }

  private append(bytes: Buffer): void {
    const needed = this.filled + bytes.length;
    if (needed > this.memory.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(firstBytes, needed, this.memory.length * 2));
      this.memory.copy(larger, 0, 0, this.filled);
      this.memory = larger;
    }
    bytes.copy(this.memory, this.filled);
    this.filled = needed;
  }
}

function noJpegs(what: string): Error {
  return new Error(`${what}; a stream of JPEGs (multipart/x-mixed-replace) is expected`);
}
