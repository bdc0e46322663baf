/** @file What a kind of camera that runs as a child process says of itself: its command line, its stream, its words for what went wrong. */
import type { AlpharhoError, ErrorCode } from '@alpharho/protocol';
import type { BackoffPolicy } from '../../domain/backoff.ts';
import type { Clock } from '../../domain/clock.ts';
import type { FrameFormat } from '../../domain/frames.ts';
import type { FrameSink } from '../../domain/ports.ts';

/** Cuts a child's stream into frames. One for each child: what a dead one left half done never shifts the next one's frames. */
export interface FrameReader {
  /** Bytes of one frame in the stream. */
  readonly length: number;
  /** @returns how many frames it completed */
  push(chunk: Uint8Array): number;
  /** Something else than pictures came with them, and every frame since is put together of two. Only where frames are on standard output. */
  readonly isShifted?: boolean;
}

export type ChildCommand = {
  readonly program: string;
  readonly args: readonly string[];
  /** The child's descriptor that carries frames. With 3, nothing that it or its plugins print on their standard output is taken for a picture. */
  readonly frames: 1 | 3;
  readonly reader: (sink: FrameSink, clock: Clock) => FrameReader;
};

/** Something with a length, that can be begun anywhere and comes to an end. */
export type Recording = {
  readonly loop: boolean;
  readonly realtime: boolean;
  /** Seconds, where the child's log tells. */
  readonly length: (log: string) => number | undefined;
};

/** Why there are no frames, as far as the child's own words tell; no words where they do not. */
export type Explanation = { readonly code: ErrorCode; readonly words: string };

/** Resolves when no other reader of ours has the camera. */
export type Free = () => Promise<unknown>;

export interface ChildSource {
  /** As the operator wrote it, secrets redacted. */
  readonly name: string;
  /** It lets one reader in at a time. Where that is not known beforehand, the second one's refusal tells. */
  readonly oneReader: boolean;
  readonly recording?: Recording;
  readonly respawn: BackoffPolicy;
  /** @throws AlpharhoError where it is plain before the start that no frame can come */
  check(): Promise<void>;
  /**
   * @param position seconds into a recording at which to begin
   * @param free ends the reader before, where one reader is let in: to be awaited by whoever touches the camera for the answer
   * @throws AlpharhoError where it cannot be started now
   */
  command(format: FrameFormat, position: number, signal: AbortSignal, free: Free): Promise<ChildCommand>;
  explain(log: string): Explanation;
  /** Its program was not found. */
  missing(program: string): AlpharhoError;
}
