/**
 * @file Compares this machine's classifier with an arm64 one under emulation: the same variant, the same photograph.
 * Usage: arm64-smoke.mjs ARM64_NODE ARM64_TREE, which scripts/arm64/set-up.sh makes. Exit code 1 where they disagree.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVariant, createClassifier, decodeImage } from '@alpharho/mobilenet-core';
import sharp from 'sharp';

const rho = 128;
const labels = ['bottle', 'can', 'jar', 'box', 'empty'];
/** float32 sums in another order: kernels differ from one instruction set to the other. */
const tolerance = 1e-4;

async function answer(folder) {
  const frame = await decodeImage(join(folder, 'photo.jpg'), { rho });
  const classifier = await createClassifier(readFileSync(join(folder, 'variant.onnx')), { threads: 1 });
  const { top } = await classifier.classify(frame, labels.length);
  await classifier.close();
  return { arch: process.arch, frame: [...frame], top };
}

async function prepare(folder) {
  const width = 640;
  const height = 480;
  const pixels = Buffer.from({ length: width * height * 3 }, (_, index) => (index % (width * 3)) / 8 + (index >> 12));
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toFile(join(folder, 'photo.jpg'));
  writeFileSync(join(folder, 'variant.onnx'), buildVariant({ family: 'v1', alpha: 0.25, rho, labels, seed: 7 }));
}

function differences(here, there) {
  const found = [];
  if (there.arch !== 'arm64') found.push(`the emulated process says that it runs on ${there.arch}`);
  const pixels = here.frame.filter((value, index) => Math.abs(value - there.frame[index]) > 1).length;
  if (pixels > 0 || here.frame.length !== there.frame.length)
    found.push(`${pixels} of ${here.frame.length} decoded values differ by more than 1`);
  for (const [place, { label, probability }] of here.top.entries()) {
    const other = there.top[place];
    if (other?.label !== label || !(Math.abs(other.probability - probability) <= tolerance)) {
      found.push(`place ${place + 1}: ${label} ${probability} here, ${other?.label} ${other?.probability} there`);
    }
  }
  return found;
}

if (process.argv[2] === '--answer') {
  process.stdout.write(JSON.stringify(await answer(process.argv[3])));
} else {
  const [node, tree] = process.argv.slice(2);
  const folder = mkdtempSync(join(tmpdir(), 'arm64-smoke-'));
  try {
    await prepare(folder);
    const here = await answer(folder);
    const script = join(tree, 'packages/mobilenet-core/scripts/arm64-smoke.mjs');
    const output = execFileSync(node, [script, '--answer', folder], {
      encoding: 'utf8',
      maxBuffer: 1e8,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const there = JSON.parse(output);
    const found = differences(here, there);
    const [{ label, probability }] = there.top;
    console.log(found.length > 0 ? found.join('\n') : `${here.arch} and ${there.arch} agree: ${label} ${probability.toFixed(4)}`);
    process.exitCode = found.length > 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
