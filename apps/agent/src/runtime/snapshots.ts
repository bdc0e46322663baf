/** @file A picture of what the camera sees now, for whoever asks and where the device's owner allows it. */
import {
  AlpharhoError,
  type DeviceRequest,
  isAlpharhoError,
  maxSnapshotChars,
  requestMaxAgeMs,
  type Snapshot,
  type WireError,
} from '@alpharho/protocol';
import type { Cancel, Clock } from '../domain/clock.ts';
import type { FrameResult } from '../domain/frames.ts';
import type { Link, Log, Pictures } from '../domain/ports.ts';

/** The least time between two pictures, milliseconds. */
const pauseMs = 2000;
/** What a frame may take to come, milliseconds. */
const frameMs = 5000;
const usualSide = 1024;

export type SnapshotsOptions = {
  readonly allowed: boolean;
  readonly session: string;
  readonly link: Pick<Link, 'publish'>;
  readonly pictures: Pictures;
  readonly clock: Clock;
  readonly log: Log;
  /** What is wrong with the camera now. */
  readonly cameraFault: () => Reason | undefined;
};

type Reason = Pick<WireError, 'code' | 'message'>;

/** INVARIANTS: every request is answered once, with a picture or the reason why not; one is in work at a time. */
export class Snapshots {
  private readonly options: SnapshotsOptions;
  private open: { readonly request: DeviceRequest; readonly cancel: Cancel } | undefined;
  private latest = Number.NEGATIVE_INFINITY;
  private working: Promise<void> = Promise.resolve();

  constructor(options: SnapshotsOptions) {
    this.options = options;
  }

  /** A frame is waited for. */
  get wanted(): boolean {
    return this.open !== undefined;
  }

  request(request: DeviceRequest): void {
    const refusal = this.refusal(request);
    if (refusal !== undefined) {
      this.refuse(request, refusal);
      return;
    }
    const { clock } = this.options;
    this.latest = clock.monotonic();
    const cancel = clock.after(frameMs, () => {
      this.open = undefined;
      this.refuse(
        request,
        this.options.cameraFault() ?? { code: 'camera_unreadable', message: `no frame was classified within ${frameMs / 1000} s` },
      );
    });
    this.open = { request, cancel };
  }

  /** @param pixels of the result's frame; the callee's own */
  result(result: FrameResult, pixels: Uint8Array): void {
    const { open } = this;
    if (open === undefined) return;
    open.cancel();
    this.open = undefined;
    this.working = this.answer(open.request, result, pixels).catch((error: unknown) =>
      this.options.log.error(`no snapshot: ${String(error)}`),
    );
  }

  /** Leaves no timer behind. */
  async stop(): Promise<void> {
    this.open?.cancel();
    this.open = undefined;
    await this.working;
  }

  private refusal({ issuedAt }: DeviceRequest): Reason | undefined {
    const { allowed, clock, cameraFault } = this.options;
    if (!allowed) return { code: 'snapshots_off', message: 'this device gives no pictures; its owner may allow them with --snapshots' };
    const age = clock.now() - issuedAt;
    if (Math.abs(age) > requestMaxAgeMs) {
      const words = age > 0 ? `is ${Math.round(age / 1000)} s old` : `comes ${Math.round(-age / 1000)} s from the future`;
      return {
        code: 'request_stale',
        message: `the request ${words} by this device's clock, at most ${requestMaxAgeMs / 1000} s are taken`,
      };
    }
    if (this.open !== undefined || clock.monotonic() - this.latest < pauseMs) {
      return { code: 'request_too_often', message: `one picture every ${pauseMs / 1000} s, and one at a time` };
    }
    return cameraFault();
  }

  private async answer(request: DeviceRequest, { at, variant, top }: FrameResult, pixels: Uint8Array): Promise<void> {
    const { pictures, session } = this.options;
    const maxSide = request.maxSide ?? usualSide;
    const image = await pictures.encode(pixels, { maxSide, maxChars: maxSnapshotChars, blur: false });
    if (image === undefined)
      this.refuse(request, new AlpharhoError('payload_too_large', 'the picture is too large, also at low quality; ask for a smaller one'));
    else this.send({ v: 1, id: request.id, session, at, variant, top: [...top], image });
  }

  private refuse({ id }: DeviceRequest, { code, message }: Reason): void {
    const at = this.options.clock.now();
    this.send({ v: 1, id, session: this.options.session, at, error: { code, message: message.slice(0, 500), at } });
  }

  /** Whoever asked hears nothing where the connection is gone, and may ask again. */
  private send(snapshot: Snapshot): void {
    const { link, log } = this.options;
    link.publish('snapshot', snapshot).catch((error: unknown) => {
      if (!isAlpharhoError(error, 'broker_unreachable')) log.error(`a snapshot cannot be sent: ${String(error)}`);
    });
  }
}
