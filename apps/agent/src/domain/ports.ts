/** @file What the agent's loops need of the world outside; src/io implements it, and each port has a contract test. */
import type { VariantInfo } from '@alpharho/mobilenet-core';
import type {
  AlpharhoError,
  DeviceRequest,
  DeviceState,
  Keys,
  MessageOf,
  Prediction,
  Presence,
  Reported,
  Sha256,
  Signed,
  Stream,
  Telemetry,
  TopicName,
  WireImage,
} from '@alpharho/protocol';
import type { FrameFormat, StageMs } from './frames.ts';
import type { KeptKeys } from './kept-keys.ts';
import type { KeptState } from './kept-state.ts';

export { type Stream, streams } from '@alpharho/protocol';

export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Where a camera puts its frames. */
export interface FrameSink {
  /**
   * Memory for the next frame of this format, rho × rho × 3 bytes; the same until `commit`.
   * @returns undefined where nobody wants such frames: the camera throws the frame away.
   */
  begin(format: FrameFormat): Uint8Array | undefined;
  /** The memory of the latest `begin` of this format is filled. @param captureMs how long the frame took to make or read */
  commit(format: FrameFormat, captureMs: number): void;
  /** A frame came that never became pixels: a newer one took its place before, or it is damaged. It counts as dropped. */
  skip(): void;
  /**
   * For sources that can wait, so that no frame of theirs is made to be dropped. Those that show the world as it is never ask.
   * @returns undefined where a frame is welcome now; else what resolves when the next one is
   */
  room(): Promise<void> | undefined;
  /** No frames for now; the camera goes on trying by itself. */
  fault(error: AlpharhoError): void;
  /** Frames come again. */
  recovered(): void;
  /** The source is over and no frame will come any more. */
  ended(): void;
}

export interface Camera {
  /** The source as the operator wrote it, secrets redacted. */
  readonly name: string;
  /** It shows the world as it is now: one picture for ever, or a black one, is a fault then. */
  readonly isLive: boolean;
  /** @throws AlpharhoError camera_missing, camera_unreadable or the code of a missing program, where it is plain before the start that no frame can come */
  check(): Promise<void>;
  /** Begins to give frames. */
  start(format: FrameFormat, sink: FrameSink): void;
  /** Asks for another format. Frames of the old one come until the first of the new one, and none after it. */
  resize(format: FrameFormat): void;
  /** Ends all of it; no frame comes after it resolved. */
  stop(): Promise<void>;
}

export type LaneResult = { readonly ticket: number; readonly top: Prediction[]; readonly stages: StageMs };

export interface LaneListener {
  result(result: LaneResult): void;
  /** The lane is lost, and with it every frame that it had; it says nothing after this. */
  fault(error: AlpharhoError): void;
}

/** How a variant runs on this device, and why not as preferred. */
export type InferenceReport = NonNullable<Reported['inference']>;

/** One warm classifier that answers frames in the order in which it takes them. */
export interface Lane {
  readonly variant: VariantInfo;
  readonly format: FrameFormat;
  readonly inference: InferenceReport;
  /** It runs as usual, and a measurement that was not made yet may find a better way. */
  readonly isTunable: boolean;
  /** What this process takes more since the variant was opened, bytes. */
  readonly tookBytes: number;
  /** Where the next frame is written; the same memory until `submit`. */
  readonly slot: Uint8Array;
  listen(listener: LaneListener): void;
  /** Hands over the filled slot. @returns the ticket of the waiting frame that it replaced, if any */
  submit(ticket: number): number | undefined;
  /** Ends the lane after the frame in work. Frames that wait are never answered. */
  close(): Promise<void>;
}

/**
 * How a variant that was not measured on this device comes up: as usual and at once, measured where there is room for it, or else not at
 * all. One that was measured comes up as was found, with each.
 */
export type Tune = 'later' | 'try' | 'must';

export type WarmHow = { readonly rho?: number | undefined; readonly tune?: Tune | undefined };

export type Warm = {
  readonly lane: Lane;
  /** One whole inference, milliseconds. */
  readonly warmupMs: number;
  /** What it answers to the golden input of the lane's ρ. */
  readonly golden: readonly Prediction[];
};

/** A variant file that was opened and read, and does not run yet. */
export interface StagedModel {
  readonly variant: VariantInfo;
  /**
   * @param how `rho`: one of the variant's; its own unless given. `tune`: `later` unless given
   * @throws AlpharhoError warmup_failed where it does not run on this device, or cannot be measured and must be; the signal's reason when
   * aborted
   */
  warm(signal: AbortSignal, how?: WarmHow): Promise<Warm>;
  discard(): void;
}

export interface Classifiers {
  /** @throws AlpharhoError model_corrupt or model_not_variant; the signal's reason when aborted */
  open(file: Uint8Array, signal: AbortSignal): Promise<StagedModel>;
}

export type Position = { readonly session: string; readonly seq: number };
/** `body` is one JSON object on one line. */
export type OutboxEntry = Position & { readonly body: string };
export type OutboxRange = { readonly stream: Stream; readonly session: string; readonly from: number; readonly to: number };
/** Entries of one stream and session with numbers that rise by one. */
export type OutboxBatch = {
  readonly stream: Stream;
  readonly session: string;
  readonly firstSeq: number;
  readonly bodies: readonly string[];
};
/** Entries that were given up and that the hub will never see. */
export type Drops = { readonly stream: Stream; readonly session: string; readonly entries: number };

export type OutboxChange = {
  /** One that is already kept stays as it is. */
  readonly add?: readonly OutboxBatch[];
  readonly remove?: readonly OutboxRange[];
  /** Given up before they came here; counted with the outbox's own. */
  readonly drops?: readonly Drops[];
};

/** The file was damaged. */
export type OutboxDamage = {
  readonly message: string;
  /** What was lost with it, as far as it is known; counted as dropped. */
  readonly drops: readonly Drops[];
};

/**
 * Keeps entries until they are removed. Order is: sessions by their first entry, then `seq`.
 * Every method @throws AlpharhoError disk_full, disk_read_only, data_dir_in_use or internal; what was kept before stays kept.
 */
export interface Outbox {
  /** Takes the place for this process; every other method does so too. */
  open(): Promise<void>;
  /** Hears of damage that is found from now on, or was found before. */
  onDamaged(listener: (damage: OutboxDamage) => void): void;
  /** All of it or none, in one write to the disk. */
  commit(change: OutboxChange): Promise<void>;
  /** The oldest entries after `after`, or from the beginning. */
  read(stream: Stream, after: Position | undefined, limit: number): Promise<OutboxEntry[]>;
  /** Gives up entries of the lowest priority, oldest first, until the rest takes at most `maxBytes`. @returns what it gave up now */
  trim(maxBytes: number): Promise<Drops[]>;
  /** How many entries there are, and the bytes that they take with all that goes with them. */
  size(): Promise<{ entries: Record<Stream, number>; bytes: number }>;
  /** All that was ever given up, by stream and session, except what `forgetDrops` named. */
  dropped(): Promise<Drops[]>;
  /** These counts were told; sessions that ended before this one. */
  forgetDrops(sessions: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export type PictureOptions = {
  /** The picture is made smaller where its side is longer, pixels. */
  readonly maxSide: number;
  /** Of the base64 text. */
  readonly maxChars: number;
  /** Leaves nothing that could be read or recognised in a usual scene. */
  readonly blur: boolean;
};

/** Makes pictures of frames, outside the agent's own thread. */
export interface Pictures {
  /** @param pixels square, RGB; must not change meanwhile. @returns undefined where it cannot be made small enough */
  encode(pixels: Uint8Array, options: PictureOptions): Promise<WireImage | undefined>;
}

/** Shows the board to somebody else's system; best effort. */
export interface Announcer {
  /** @param onUp each time a connection stands */
  start(onUp: () => void): void;
  /** Thrown away where there is no connection; so is `state`. */
  publish(topic: string, payload: string, retain: boolean): void;
  state(state: DeviceState): void;
  /** Says that the board is gone, where it can. */
  stop(): Promise<void>;
}

export interface LinkListener {
  /** A new connection stands and is subscribed. */
  up(): void;
  down(): void;
  desired(desired: Signed): void;
  keys(keys: Keys): void;
  ack(ack: MessageOf<'ack'>): void;
  request(request: DeviceRequest): void;
  /** Something is wrong with the connection that reconnecting does not mend; undefined: no longer. */
  fault(error: AlpharhoError | undefined): void;
  /** A message that cannot be taken. */
  refused(error: AlpharhoError): void;
}

/** The one way to the hub. It connects, and connects again, by itself. */
export interface Link {
  start(listener: LinkListener): void;
  /** Resolves when the broker has it. @throws AlpharhoError broker_unreachable where the connection is down or goes down */
  publish<T extends TopicName>(name: T, message: MessageOf<T>): Promise<void>;
  /** Says farewell where it can, within `graceMs`. */
  stop(farewell: Presence, graceMs: number): Promise<void>;
}

/** A variant file that the operator named. */
export type ModelFile = {
  readonly path: string;
  /** @throws AlpharhoError model_missing where it cannot be read */
  readonly read: () => Promise<Uint8Array>;
};

/** Variant files by digest. */
export interface ModelStore {
  /** @returns the file's bytes, undefined where it is not kept. @throws AlpharhoError digest_mismatch where it is damaged (it is removed then) */
  load(sha256: Sha256): Promise<Uint8Array | undefined>;
  /**
   * Brings the file into the store, unchecked; goes on where an earlier try was cut.
   * @param progress percent, 0 to 100
   * @throws AlpharhoError download_failed, length_mismatch, disk_full, disk_read_only; the signal's reason when aborted
   */
  fetch(file: { sha256: Sha256; bytes: number; url: URL }, progress: (percent: number) => void, signal: AbortSignal): Promise<void>;
  /** Checks the fetched file's digest and keeps it. @returns its bytes. @throws AlpharhoError length_mismatch, digest_mismatch, download_failed where a retry may help */
  verify(file: { sha256: Sha256; bytes: number }, signal: AbortSignal): Promise<Uint8Array>;
  /** Keeps bytes that are already here. */
  put(sha256: Sha256, bytes: Uint8Array): Promise<void>;
  /** Forgets every file but these. */
  keepOnly(digests: readonly Sha256[]): Promise<void>;
}

/** Ed25519 and SHA-256. */
export interface Signatures {
  /** @param publicKey raw, base64. @param signature base64. @returns false also for what is no key or no signature */
  verify(publicKey: string, bytes: Uint8Array, signature: string): boolean;
  /** Hexadecimal. */
  sha256(bytes: Uint8Array): Sha256;
}

/** Whose signatures count, over restarts. */
export interface KeyStore {
  /** @returns undefined where there is none, or none that can be read */
  load(): Promise<KeptKeys | undefined>;
  /** @throws AlpharhoError disk_full or disk_read_only */
  save(kept: KeptKeys): Promise<void>;
}

/** A key set that this machine's operator vouches for. */
export type TrustFile = {
  readonly path: string;
  /** @throws AlpharhoError config_invalid where it cannot be read as one */
  readonly read: () => Promise<Keys>;
};

/** What must survive a restart. */
export interface Journal {
  /** @returns undefined where there is none, or none that can be read */
  load(): Promise<KeptState | undefined>;
  /** @throws AlpharhoError disk_full or disk_read_only */
  save(state: KeptState): Promise<void>;
}

/** What telemetry tells of the machine, without what the outbox knows. */
export type SystemFacts = Readonly<Omit<Telemetry['system'], 'outbox' | 'outboxBytes' | 'dropped'>>;

export interface System {
  facts(): Promise<SystemFacts>;
}
