/** @file `npm run bench`: everything, or what is named: raw, video, jpeg, footprint. Exit code 1 where a bar is missed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchFootprint } from './footprint.ts';
import { benchJpeg } from './jpeg.ts';
import { benchRaw } from './raw.ts';
import { benchVideo } from './video.ts';

const benches: Record<string, (folder: string) => Promise<boolean>> = {
  raw: benchRaw,
  video: benchVideo,
  jpeg: benchJpeg,
  footprint: benchFootprint,
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => benches[name] === undefined);
if (unknown !== undefined) {
  process.stderr.write(`there is no bench "${unknown}"; there are ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}
const folder = await mkdtemp(join(tmpdir(), 'alpharho-bench-'));
let met = true;
try {
  for (const name of wanted.length > 0 ? wanted : Object.keys(benches)) met = (await benches[name]?.(folder)) === true && met;
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(met ? 0 : 1);
