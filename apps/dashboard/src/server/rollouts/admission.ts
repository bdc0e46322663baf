/** @file Whether a device among the targets can be given its variant, and if not, why not. */

export type AdmissionDevice = {
  readonly id: string;
  readonly hardwareClass: string | null;
  readonly memoryBytes: number | null;
  /** What it serves, with its labels' JSON where they are known; null where it never said. */
  readonly serving: { readonly id: string; readonly labels: string | null } | null;
  /** An update is under way. */
  readonly busy: boolean;
  readonly desiredId: string | null;
  /** It claims to have seen the last revision there is. */
  readonly exhausted: boolean;
  readonly quarantined: readonly { readonly sha256: string; readonly code: string }[];
  /** The name of the live rollout in which it is, other than this one. */
  readonly elsewhere: string | null;
};

export type AdmissionVariant = { readonly id: string; readonly bytes: number; readonly labels: string | null };

export type AdmissionTerms = {
  /** The variant for a hardware class; undefined where the rollout names none for it. */
  readonly variantFor: (hardwareClass: string | null) => AdmissionVariant | undefined;
  readonly otherLabels: boolean;
};

export const admissions = ['ready', 'already', 'quarantined', 'incompatible', 'elsewhere', 'unmapped'] as const;
/** `ready` devices are told; the others are skipped; unmapped ones are no part of the rollout at all. */
export type Admission =
  | { readonly kind: 'ready'; readonly variant: string }
  | { readonly kind: Exclude<(typeof admissions)[number], 'ready'>; readonly variant: string | null; readonly note: string };

/** A session beside the serving one, and the file's bytes while it is read, take this many times the file's length. */
const memoryPerByte = 3;
/** What the system and the agent have for themselves, bytes. */
const memoryKept = 200 * 1024 * 1024;

export function admit(device: AdmissionDevice, { variantFor, otherLabels }: AdmissionTerms): Admission {
  const variant = variantFor(device.hardwareClass);
  if (variant === undefined) {
    return { kind: 'unmapped', variant: null, note: `no variant is named for ${device.hardwareClass ?? 'devices of an unknown class'}` };
  }
  const not = (kind: Exclude<Admission['kind'], 'ready'>, note: string): Admission => ({ kind, variant: variant.id, note });
  if (device.elsewhere !== null) return not('elsewhere', `it is in the rollout ${JSON.stringify(device.elsewhere)}, which is not over`);
  const { serving } = device;
  if (serving?.id === variant.id && !device.busy && (device.desiredId ?? variant.id) === variant.id) {
    return not('already', 'it serves the variant already');
  }
  if (device.exhausted) return not('incompatible', 'it claims to have seen the last revision there is: it can be told nothing');
  const bad = device.quarantined.find(({ sha256 }) => sha256 === variant.id);
  if (bad !== undefined) return not('quarantined', `the variant failed there before (${bad.code})`);
  if (device.memoryBytes !== null && variant.bytes * memoryPerByte + memoryKept > device.memoryBytes) {
    return not('incompatible', `the variant of ${megabytes(variant.bytes)} needs more memory than its ${megabytes(device.memoryBytes)}`);
  }
  if (!otherLabels && serving !== null && differ(serving.labels, variant.labels)) {
    return not('incompatible', 'the variant has other labels than the one that it serves; allow that with otherLabels');
  }
  return { kind: 'ready', variant: variant.id };
}

function differ(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a !== b;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
