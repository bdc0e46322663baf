/**
 * @file Official quantized variants against the float32 twins that are made of them (twin/float-twin.ts): latencies measured in turns, and on
 * the sample photographs how often both give the same first class, how far apart they see it, and how many each has right.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { variantName } from '@alpharho/protocol';
import { print, table } from '../cli/output.ts';
import { classOffset } from '../evaluate/classes.ts';
import { parseLabelList } from '../evaluate/labels-csv.ts';
import { hasSampleData, sampleDataFolder } from '../evaluate/sample-data.ts';
import { decodeImage } from '../image/decode.ts';
import { importTflite } from '../import/import.ts';
import { measureLatency } from '../measure/latency.ts';
import { type Classifier, createClassifier } from '../runtime/classifier.ts';

const frames = 300;
const quantized = /^mobilenet_v.*_quant\.tflite$/;

const folder = sampleDataFolder();
if (hasSampleData(folder)) {
  const names = readdirSync(join(folder, 'models')).filter((name) => quantized.test(name));
  const rows: string[][] = [];
  for (const name of names.sort()) rows.push(await compare(readFileSync(join(folder, 'models', name))));
  print(`quantized variants and their float32 twins, one thread, 10th percentile of ${frames} frames each, measured in turns`, '');
  print(...table(['variant', 'file', 'twin', 'twin is', 'same first class', 'mean distance', 'right: file', 'twin'], rows));
} else {
  print(`float32 twins: skipped, no sample data at ${folder} (set ALPHARHO_SAMPLE_DATA)`);
}

async function compare(bytes: Uint8Array): Promise<string[]> {
  const { file } = importTflite(bytes);
  const [own, twin] = [await createClassifier(file), await createClassifier(file, { twin: true })];
  const [fast, slow] = await measureLatency([own, twin], { frames });
  if (!fast || !slow) throw new Error('nothing was measured');
  const { same, distance, right, count } = await onPhotographs(own, twin);
  await Promise.all([own.close(), twin.close()]);
  const speed = `${(fast.p10 / slow.p10).toFixed(2)} × as fast`;
  const answers = [`${same} of ${count}`, distance.toFixed(3), String(right.own), String(right.twin)];
  return [variantName(own.variant), `${fast.p10.toFixed(3)} ms`, `${slow.p10.toFixed(3)} ms`, speed, ...answers];
}

async function onPhotographs(own: Classifier, twin: Classifier) {
  const images = join(folder, 'images', 'imagenet');
  const listed = parseLabelList(readFileSync(join(images, 'labels.csv'), 'utf8'), 'labels.csv');
  const found = { same: 0, distance: 0, right: { own: 0, twin: 0 }, count: listed.length };
  for (const image of listed) {
    const pixels = await decodeImage(join(images, image.file), { rho: own.rho });
    const [first] = (await own.classify(pixels, 1)).top;
    const theirs = (await twin.classify(pixels, twin.variant.classes)).top;
    const truth = image.classIndex + classOffset(listed, own.variant.classes);
    found.same += Number(first?.class === theirs[0]?.class);
    found.right.own += Number(first?.class === truth);
    found.right.twin += Number(theirs[0]?.class === truth);
    const seen = theirs.find((each) => each.class === first?.class)?.probability ?? 0;
    found.distance += Math.abs((first?.probability ?? 0) - seen) / listed.length;
  }
  return found;
}
