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
  golden_mismatch: 'The model answers otherwise here than where it was checked; it was not put into service.',
  shadow_slow: 'Beside the serving variant the new one was slower than the policy allows; it was not put into service.',
  shadow_disagrees:
    'On the same frames the new variant disagreed with the serving one more than the policy allows; it was not put into service.',
  shadow_memory: 'The new variant took more memory than the policy allows; it was not put into service.',
  shadow_failed: 'The new variant failed on live frames, or the frames did not come in time; it was not put into service.',
  probation_failed: 'The model failed in its first frames; the previous one serves again.',
  probation_unconfirmed: "The hub's word did not come in time; the previous variant serves again. Bring the connection back and retry.",
  step_timeout: 'A step of the update showed no progress for too long; the message names it. It is tried again.',
  memory_short: 'The device has not the free memory that the variant needs; stop something on it, or choose a smaller variant.',
  download_too_slow: "The variant's bytes came too slowly for too long; check the link. It is tried again with back-off.",
  download_endless: 'More bytes came than the variant has; the rest was not taken. Check what answers at its address.',
  url_refused: "The variant's address leads somewhere else than it may; the desired state was ignored.",
  quarantined: 'This variant failed on this device before; retry it with leave to do so, or give another one.',
  // signatures
  signature_invalid: 'The signature does not fit the text: it was changed on its way, or signed by somebody else. It was ignored.',
  key_unknown: 'It is signed with a key that is not in the key set of this device; publish the key set, or sign it anew.',
  key_retired: 'It is signed with a key that was retired; sign it anew with a key that counts.',
  key_role: 'The key is not for this kind of document: a release key signs variants and key sets, a desired key desired states.',
  key_missing: 'The private part of the signing key is not in the data folder; put its file back, name it with --key, or sign where it is.',
  keys_stale: 'The key set is numbered lower than the one that this device has; it was ignored.',
  desired_expired:
    "The desired state has expired: the hub has not renewed it, or somebody keeps newer ones away; check the hub and the device's clock.",
  // requests
  snapshots_off: 'This device gives no pictures; its owner may allow them with --snapshots.',
  request_stale: "The request is too old by the device's clock; ask again, and check both clocks where that does not help.",
  request_too_often: 'The device was asked only just before; wait a moment.',
  // the registry
  variant_unknown: 'The registry has no such variant; check the name or digest.',
  check_aborted: 'The file was given up on: its check took more time or memory than one may take, or ended the process that did it.',
  variant_retired: 'The variant is retired and is given to no further device; take it back into use, or choose another one.',
  variant_in_use: 'The variant is in use; the message says where. Give those devices another one first.',
  variant_incompatible: 'The device cannot run this variant; the message says why.',
  variant_unsigned: 'The variant has no signed manifest; sign it with a release key.',
  // rollouts
  rollout_unknown: 'There is no such rollout; check its name or id.',
  rollout_invalid: 'The rollout cannot be made as it is written; the message names the place and what would be right.',
  rollout_conflict: 'The rollout is in a state in which this cannot be done; the message names it.',
  rollout_no_targets: 'No device matches the targets; change the query.',
  rollout_class_unmapped: 'A hardware class among the targets has no variant; name one for it, or leave those devices out.',
  target_query_invalid: 'The target query cannot be read; the message names the word and what would be right.',
  device_timeout: 'The device did not come to an end within its deadline; the rollout goes on without it.',
  gate_failed: 'A gate of the rollout failed; its verdict has the figures.',
  gate_inconclusive: 'A gate of the rollout could not be judged within the deadline: too few samples, or silence.',
  rollback_failed: 'A device could not be brought back to its previous variant; look at it, then retry or abort.',
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
