/** @file Who hears of what happens to frames, and in which order. On the frame path: nothing is allocated here. */
import { type AlpharhoError, variantSchema } from '@alpharho/protocol';
import type { PictureWatch } from '../domain/picture-watch.ts';
import type { Lane } from '../domain/ports.ts';
import type { Vitals } from '../domain/vitals.ts';
import type { FrameLoopListener } from './frame-loop.ts';
import type { Governor } from './governor.ts';
import type { HomeAssistant } from './home-assistant.ts';
import type { Publisher } from './publisher.ts';
import type { Refinement } from './refinement.ts';
import type { Reporter } from './reporter.ts';
import type { TelemetryWindows } from './telemetry.ts';
import type { UpdateRunner } from './update/runner.ts';

export type FrameHearers = {
  readonly telemetry: TelemetryWindows;
  readonly vitals: Vitals;
  readonly publisher: Publisher;
  readonly governor: Governor;
  readonly refinement: Refinement;
  readonly reporter: Reporter;
  readonly homeAssistant: HomeAssistant | undefined;
  /** Undefined for recordings, whose pictures may repeat themselves. */
  readonly pictures: PictureWatch | undefined;
  /** Undefined before updates have begun. */
  readonly runner: () => UpdateRunner | undefined;
  readonly tellInference: (lane: Lane) => void;
  /** A shadow may want to see it too. */
  readonly onFilled: (frame: number, pixels: Uint8Array) => void;
  /** A lane that is not on trial died. */
  readonly laneFault: (lane: Lane, error: AlpharhoError) => void;
  /** @param fault undefined where frames come again. @returns whether it is news */
  readonly tellCamera: (fault: AlpharhoError | undefined) => boolean;
  readonly onCameraEnded: () => void;
};

/** Figures first, so that whatever the others make of a frame, it is counted. */
export function frameListener(hearers: FrameHearers): FrameLoopListener {
  const { telemetry, vitals, publisher, governor, pictures, onFilled, runner, laneFault, tellCamera, onCameraEnded } = hearers;
  return {
    captured: (ms) => {
      telemetry.captured(ms);
      vitals.captured(ms);
    },
    skipped: () => {
      telemetry.skipped();
      vitals.skipped();
    },
    filled: (frame, pixels) => {
      publisher.filled(frame, pixels);
      onFilled(frame, pixels);
      pictures?.look(pixels);
    },
    dropped: (reason, frame) => {
      if (reason === 'classifier_lost') telemetry.failed();
      else telemetry.dropped();
      vitals.dropped(reason);
      publisher.dropped(frame);
    },
    result: (result) => {
      telemetry.classified(result);
      vitals.classified(result);
      publisher.result(result);
      governor.classified(result);
      runner()?.answered(result);
    },
    serves: (lane) => serves(hearers, lane),
    laneFault: (lane, error) => {
      if (runner()?.laneFault(lane, error) !== true) laneFault(lane, error);
    },
    cameraFault: (error) => {
      if (tellCamera(error)) pictures?.reset();
    },
    cameraRecovered: () => void tellCamera(undefined),
    cameraEnded: onCameraEnded,
  };
}

function serves({ telemetry, publisher, governor, refinement, reporter, homeAssistant, tellInference }: FrameHearers, lane: Lane): void {
  // What travels is the variant without its labels and preprocessing.
  const variant = variantSchema.parse(lane.variant);
  reporter.serves(variant, lane.inference);
  telemetry.begin(lane.variant.sha256, lane.variant.rhos.length > 1 ? lane.format.rho : undefined);
  homeAssistant?.serves(variant);
  tellInference(lane);
  publisher.serves(lane.variant);
  governor.serves(lane);
  refinement.serves(lane);
}
