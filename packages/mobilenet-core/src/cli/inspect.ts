/** @file `mobilenet inspect`: what a model file is, says of itself, and costs. */
import { precisionName, variantName } from '@alpharho/protocol';
import type { Command } from 'commander';
import type { GraphCost } from '../cost/graph-cost.ts';
import type { ValueInfo } from '../graph/model.ts';
import { type Inspection, inspectModel } from '../inspect/inspect.ts';
import type { VariantInfo } from '../variant/info.ts';
import { costByType } from './cost-table.ts';
import { naming, readOnnx } from './files.ts';
import { jsonOption } from './options.ts';
import { fileSize, grouped, print, printJson } from './output.ts';

export function registerInspect(program: Command): void {
  const command = program
    .command('inspect')
    .description('Show what an ONNX file is: its variant, inputs and outputs, operators, digest and cost.')
    .argument('<file>', 'an ONNX file, of the variant contract or not');
  jsonOption(command).action(async (path: string, { json }: { json?: boolean }) => {
    const bytes = await readOnnx(path);
    const inspection = await naming(path, () => inspectModel(bytes));
    if (json) printJson({ file: path, ...inspection });
    else print(...describe(path, inspection));
  });
}

function describe(path: string, inspection: Inspection): string[] {
  const { variant, notVariant = '', bytes, sha256, cost } = inspection;
  return [
    variant ? `${path}: ${title(variant)}` : path,
    '',
    ...(variant ? facts(variant) : row('no variant', notVariant)),
    ...row('size', `${fileSize(bytes)} (${grouped(bytes)} bytes)`),
    ...row('sha256', sha256),
    ...row(
      'onnx',
      `opset ${inspection.opset}, IR ${inspection.irVersion}${inspection.producer ? `, by ${clean(inspection.producer)}` : ''}`,
    ),
    ...row('inputs', inspection.inputs.map(value).join(', ')),
    ...row('outputs', inspection.outputs.map(value).join(', ')),
    ...row(
      'operators',
      Object.entries(inspection.operators)
        .map(([op, count]) => `${count} ${clean(op)}`)
        .join(', '),
    ),
    ...row('work', work(cost)),
    ...row('parameters', parameters(inspection)),
    '',
    ...costByType(cost.perType),
  ];
}

function title(variant: VariantInfo): string {
  return `${variantName(variant)} ${precisionName(variant.precision)}, ${variant.weights === 'random' ? 'untrained' : 'trained'}`;
}

function facts(variant: VariantInfo): string[] {
  const { accuracy, labels, preprocessing } = variant;
  const shown = labels.slice(0, 5).map(clean).join(', ');
  return [
    ...row('classes', `${labels.length}: ${shown}${labels.length > 5 ? ', …' : ''}`),
    ...row('photographs', `central crop ${preprocessing.crop * 100} %, ${preprocessing.resize} resize`),
    ...(accuracy
      ? row(
          'accuracy',
          `top-1 ${accuracy.top1} %${accuracy.top5 === undefined ? '' : `, top-5 ${accuracy.top5} %`} (${clean(accuracy.source)})`,
        )
      : []),
    ...(variant.provenance ? row('provenance', clean(variant.provenance)) : []),
    ...(variant.licence ? row('licence', clean(variant.licence)) : []),
  ];
}

function work({ multiplyAdds, uncounted }: GraphCost): string {
  if (uncounted.length === 0) return `${grouped(multiplyAdds)} multiply-adds`;
  return `unknown: the file leaves sizes open that ${uncounted.length} layers need (first: ${clean(uncounted[0] ?? '')})`;
}

function parameters({ cost, variant }: Inspection): string {
  const learned = variant?.parameters;
  const held = `${grouped(cost.parameters)} in the file`;
  return learned === undefined || learned === cost.parameters
    ? held
    : `${held}, ${grouped(learned)} learned (with batch norm's scale and shift)`;
}

function row(name: string, text: string): string[] {
  return [`${name.padEnd(12)} ${text}`];
}

function value({ name, type, dims }: ValueInfo): string {
  return `${clean(name)} ${type} [${dims?.map((dim) => (dim === '' ? '?' : clean(String(dim)))).join(', ') ?? '?'}]`;
}

/** Text out of a file, without what could steer a terminal. */
function clean(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
