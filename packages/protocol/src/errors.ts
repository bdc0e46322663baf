/** @file The one table of error codes. Each says when it is given and what the reader should do. */
import { z } from 'zod';

/** Code → recovery advice, in words an operator can act on. Codes are stable: never renamed, never reused. */
export const errorCodes = {
  // the wire
  payload_too_large: "The message exceeds its topic's size limit; send smaller batches.",
  payload_not_json: 'The payload is not JSON; check what publishes on this topic.',
  payload_invalid: 'The payload does not fit the schema; the message names the place.',
  version_unsupported: 'The sender speaks another protocol version; update the older side.',
  topic_unknown: 'The topic is not in the topic table.',
  wrong_device: 'The payload names another device than its topic.',
  device_unknown: 'No device of this name was ever heard of; check the name.',
  // enrolment
  enrolment_token_unknown: 'The hub has no such enrolment token; copy it whole, or make another one.',
  enrolment_token_expired: 'The time of the enrolment token is over; make another one.',
  enrolment_token_used: 'The enrolment token has been used, and each works once; make another one.',
  device_taken: 'Another device has this name; choose another one.',
  device_name_differs: "The enrolment token was made for another name; leave --id away, or give the token's.",
  rate_limited: 'Too many requests came from this address; wait for as long as the answer says.',
  // the camera
  camera_missing: 'The camera source does not exist; check the path or address.',
  camera_unreadable: 'The camera source exists but gives no frames; check permissions and format.',
  camera_busy: 'Another program holds the camera; stop it.',
  camera_frozen: 'The camera gives the same picture again and again; check it and its cable, or start it anew.',
  camera_black: 'The camera gives black pictures; check lens cover, light and exposure.',
  rpicam_missing: 'rpicam-vid is not installed; on Raspberry Pi OS: apt-get install rpicam-apps.',
  gstreamer_missing: 'gst-launch-1.0 is not installed; on Debian: apt-get install gstreamer1.0-tools gstreamer1.0-plugins-good.',
  ffmpeg_missing: 'ffmpeg is not installed; on Debian: apt-get install ffmpeg.',
  image_unreadable: 'The picture cannot be decoded; check that it is a whole JPEG, PNG, WebP or BMP file.',
  // models
  model_missing: 'The model file does not exist.',
  model_corrupt: 'The file is damaged or cut short; fetch it again.',
  model_not_variant: 'The file is not of the variant contract; convert it with "mobilenet import" (TFLite) or "mobilenet adopt" (ONNX).',
  model_unsupported_operator: 'The model uses an operator that this version cannot convert; the message names it.',
  budget_unmet: 'No variant meets the budget on this machine; the message names the nearest.',
  // updates
  download_failed: "The variant's file could not be fetched; it is tried again with back-off.",
  digest_mismatch: 'The bytes do not have the promised SHA-256; they were thrown away.',
  length_mismatch: 'The file does not have the promised length; it was thrown away.',
  desired_stale: 'The desired state is numbered lower than one already seen; it was ignored.',
  variant_mismatch: "The file's own metadata contradicts the desired state.",
  warmup_failed: 'The model did not run on this device; it was not put into service.',
  probation_failed: 'The model failed in its first frames; the previous one serves again.',
  // requests
  snapshots_off: 'This device gives no pictures; its owner may allow them with --snapshots.',
  request_stale: "The request is too old by the device's clock; ask again, and check both clocks where that does not help.",
  request_too_often: 'The device was asked only just before; wait a moment.',
  // the machine
  disk_full: 'The disk is full; free space and the device goes on by itself.',
  disk_read_only: 'The data folder cannot be written; check its owner and mount options.',
  database_damaged: 'The database file is damaged; restore a backup, or move the file away to begin a new one.',
  database_busy: 'Another program holds the database for too long; stop it.',
  database_outdated: 'The database is of another version than the program; run "alpharho migrate", or update the program.',
  data_dir_in_use: 'Another agent works in this data folder; give each its own --id or --data-dir.',
  outbox_full: 'The outbox reached its limit and the oldest results were dropped; bring the hub back or raise --outbox-limit.',
  broker_unreachable: 'The broker does not answer; results are kept and sent when it does.',
  broker_silent: 'The broker took the connection and then said nothing; it is connected to anew.',
  duplicate_id: 'Two agents call themselves the same, and each takes the connection from the other; give each its own --id.',
  broker_refused: 'The broker refuses this client; check its address and credentials.',
  port_in_use: 'Another program listens on this port; stop it or choose another port.',
  config_invalid: 'A setting is not usable; the message names it and what would be.',
  interrupted: 'Stopped on request before it was done; start it again.',
  internal: 'A fault of this program; its log has the details.',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorCodes;
export const errorCodeSchema = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]);

/** An error as it travels: a code for programs, a message for people (what was wrong, where, what would be right). */
export const wireErrorSchema = z.object({
  code: z.string().min(1).max(64).describe("Any string is taken, so that a newer agent's code still reaches an older hub's page"),
  message: z.string().max(500),
  at: z.number().int().nonnegative(),
});
export type WireError = z.infer<typeof wireErrorSchema>;

/** The only error class that crosses package doors. `message` is fit for a person; `cause` is for the log. */
export class AlpharhoError extends Error {
  override readonly name = 'AlpharhoError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

export function isAlpharhoError(error: unknown, code?: ErrorCode): error is AlpharhoError {
  return error instanceof AlpharhoError && (code === undefined || error.code === code);
}
