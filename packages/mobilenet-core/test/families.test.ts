/**
 * @file Every family × α × ρ: the graph counts as the cost model does, ONNX's own checker and shape inference accept it, and ONNX
 * Runtime loads it. Counting goes over the whole product always; files are made of a few networks of each family, or, with
 * ALPHARHO_WHOLE_PRODUCT=1 (npm run check:families), of all.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArchitectureSpec, buildableFamilies, buildVariant, cost, encodeModel, graphCost, type Layer } from '../src/index.ts';
import { openOnnxSession } from '../src/runtime/onnxruntime.ts';
import { alphasOf, emptyModel, nameOf, product } from './support/family-product.ts';
import { hasOnnxChecker, OnnxChecker } from './support/onnx-checker.ts';

const whole = process.env.ALPHARHO_WHOLE_PRODUCT === '1';
const checkable = hasOnnxChecker();

describe("ONNX's own checker", () => {
  // Skipped where it is absent, unless the whole product was asked for: then nothing may be left out.
  it.skipIf(!checkable && !whole)('is here (Debian: apt-get install python3-onnx)', () => {
    expect(checkable).toBe(true);
  });
});
if (!checkable) process.stderr.write("families.test.ts: python3-onnx is absent; ONNX's own checker and shape inference are NOT run\n");

describe.each(buildableFamilies)('%s', (family) => {
  it('counts the same from the graph as from the layers, for every α and ρ', () => {
    for (const spec of product([family])) {
      const { layers, model } = emptyModel(spec);
      const [expected, counted] = [cost(layers), graphCost(model.graph)];
      const { multiplyAdds, weights } = expected;
      expect(counted, nameOf(spec)).toMatchObject({ multiplyAdds, weights, parameters: expected.parametersFolded, uncounted: [] });
      const types = (each: { kind: string; multiplyAdds: number }[]) => each.map(({ kind, multiplyAdds: work }) => `${kind} ${work}`);
      expect(types(counted.perType), nameOf(spec)).toEqual(types(expected.perType));
    }
  });
});

/** The smallest published α at the smallest and at an odd-ended resolution; or everything. */
function files(): ArchitectureSpec[] {
  if (whole) return product();
  return buildableFamilies.flatMap((family) => [32, 96].map((rho) => ({ family, alpha: alphasOf(family)[0] ?? 1, rho, classes: 10 })));
}

describe('files', () => {
  let folder: string;
  let checker: OnnxChecker | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mobilenet-families-'));
    if (!checkable) return;
    checker = new OnnxChecker();
    expect(await checker.version()).toMatch(/^1\./);
  });
  afterAll(() => {
    checker?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.skipIf(!checkable)('a whole variant, with metadata and weights, is sound', async () => {
    const path = join(folder, 'variant.onnx');
    writeFileSync(path, buildVariant({ family: 'v3-small', alpha: 0.5, rho: 32, labels: ['sound', 'scratched'], seed: 1 }));
    expect(await checker?.check(path)).toMatchObject({ shapes: { probabilities: [1, 2] } });
  });

  it.each(files().map((spec): [string, ArchitectureSpec] => [nameOf(spec), spec]))('%s is sound and loads', async (_, spec) => {
    const { layers, model } = emptyModel(spec);
    const bytes = encodeModel(model);
    if (checker !== undefined) {
      const path = join(folder, 'network.onnx');
      writeFileSync(path, bytes);
      const { error, shapes } = await checker.check(path);
      expect(error).toBeUndefined();
      expectShapes(layers, shapes ?? {});
    }
    const session = await openOnnxSession(bytes, { rho: spec.rho, classes: spec.classes, threads: 1 });
    await session.close();
  });
});

/** ONNX infers for each layer's value what the layer list says. */
function expectShapes(layers: readonly Layer[], shapes: Record<string, number[]>): void {
  for (const { name, kind, output } of layers) {
    if (kind === 'softmax') continue;
    const { size, channels } = output;
    expect(shapes[name], name).toEqual(kind === 'fc' ? [1, channels] : [1, channels, size, size]);
  }
}
