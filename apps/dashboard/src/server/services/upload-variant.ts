/** @file Use case: an operator's model file enters the registry: checked apart, brought into the contract, signed, listed. */
import type { SignedManifest } from '@alpharho/protocol';
import type { Checker } from '../registry/checker.ts';
import type { UploadOptions } from '../registry/upload-options.ts';
import type { Registry } from '../registry.ts';
import { type Stored, storeVariant } from './store-variant.ts';

export type Upload = {
  /** A file on this machine, which nobody writes to meanwhile. */
  path: string;
  options?: UploadOptions;
  /** Signed elsewhere. */
  manifest?: SignedManifest;
  signal?: AbortSignal;
};

export type Uploaded = Stored & { notes: string[] };

/** @throws AlpharhoError what the check found, key_missing, what is wrong with the manifest; nothing is stored then */
export async function uploadVariant(
  registry: Registry,
  checker: Checker,
  upload: Upload,
  now: () => Date = () => new Date(),
): Promise<Uploaded> {
  const { path, options, manifest, signal } = upload;
  const { facts, notes, dispose, ...checked } = await checker.check(path, options, signal);
  try {
    const how = `${options?.name === undefined ? '' : `${options.name}, `}${notes[0] ?? checked.kind}`;
    const put = () => registry.blobs.putFile(checked.path, facts.variant.sha256);
    return { ...(await storeVariant(registry, { facts, put, manifest, how }, now())), notes };
  } finally {
    await dispose();
  }
}
