/** @file Writes a ZIP as TFLite metadata has it, entries stored or deflated. */
import { deflateRawSync } from 'node:zlib';

export type WrittenEntry = { name: string; text: string; deflated?: boolean };

/** @param before bytes that the ZIP's offsets count from the start of: the model in front of it, or none */
export function writeZip(entries: WrittenEntry[], before = 0): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = before;
  for (const { name, text, deflated } of entries) {
    const plain = Buffer.from(text);
    const data = deflated ? deflateRawSync(plain) : plain;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(deflated ? 8 : 0, 4);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(plain.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}
