/** @file A shrunk file back into the variant it stands for: what a device runs once after the download. */
import { createHash } from 'node:crypto';
import { brotliDecompressSync } from 'node:zlib';
import { AlpharhoError } from '@alpharho/protocol';
import { maxModelBytes } from '../graph/limits.ts';
import { readVariant } from '../variant/read.ts';
import { decodeSegment } from './decode-segment.ts';
import { ByteReader, damaged } from './wire.ts';

/** "Shrunk Alpharho Variant". */
export const magic = Uint8Array.from(Buffer.from('SAVA'));
export const formatVersion = 1;
/** Magic, version, three lengths (the file's own, unpacked, the variant's), SHA-256 of the variant file. */
export const headerBytes = 4 + 1 + 3 * 4 + 32;
/** No setting makes a file this many times smaller; a claim beyond is a trap for the memory. */
const largestRatio = 1000;

/** Whether a file begins like a shrunk one. */
export function isShrunk(bytes: Uint8Array): boolean {
  return bytes.length >= magic.length && magic.every((byte, at) => bytes[at] === byte);
}

/**
 * Decodes a shrunk file. The result is the same on every machine and is checked against the SHA-256 that the file carries.
 * @returns the variant file
 * @throws AlpharhoError model_corrupt (damaged, cut short, not a shrunk file) | version_unsupported | digest_mismatch | model_not_variant
 */
export function expandVariant(bytes: Uint8Array): Uint8Array {
  const { packed, unpackedBytes, variantBytes, sha256 } = readHeader(bytes);
  const reader = new ByteReader(unpack(packed, unpackedBytes));
  const file = new Uint8Array(variantBytes);
  let length = 0;
  while (!reader.done) length += decodeSegment(reader, file.subarray(length));
  if (length !== variantBytes) throw damaged('its pieces do not make a whole file');
  if (!createHash('sha256').update(file).digest().equals(sha256)) {
    throw new AlpharhoError('digest_mismatch', 'the shrunk file does not decode to the variant that it names');
  }
  readVariant(file);
  return file;
}

type Header = { packed: Uint8Array; unpackedBytes: number; variantBytes: number; sha256: Uint8Array };

function readHeader(bytes: Uint8Array): Header {
  if (!isShrunk(bytes)) throw new AlpharhoError('model_corrupt', 'this is no shrunk variant; "mobilenet shrink" makes them');
  if (bytes.length < headerBytes) throw damaged('it is cut short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(4);
  if (version !== formatVersion) {
    throw new AlpharhoError('version_unsupported', `the shrunk file is of version ${version}, this program reads version ${formatVersion}`);
  }
  const [ownBytes, unpackedBytes, variantBytes] = [view.getUint32(5, true), view.getUint32(9, true), view.getUint32(13, true)];
  if (ownBytes !== bytes.length) throw damaged(`it has ${bytes.length} bytes and says ${ownBytes}`);
  const most = Math.min(maxModelBytes, largestRatio * bytes.length);
  if (variantBytes > most || unpackedBytes > most) throw damaged(`it claims to hold ${Math.max(variantBytes, unpackedBytes)} bytes`);
  return { packed: bytes.subarray(headerBytes), unpackedBytes, variantBytes, sha256: bytes.subarray(headerBytes - 32, headerBytes) };
}

function unpack(packed: Uint8Array, length: number): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = brotliDecompressSync(packed, { maxOutputLength: Math.max(1, length) });
  } catch (cause) {
    throw damaged('its content cannot be unpacked', cause);
  }
  if (bytes.length !== length) throw damaged('its content has another length than it says');
  return bytes;
}
