/** @file Door of the quantization: a float32 variant and frames in, an int8 variant out. */
import { AlpharhoError } from '@alpharho/protocol';
import { decodeModel } from '../graph/decode.ts';
import { encodeModel } from '../graph/encode.ts';
import type { OnnxModel } from '../graph/model.ts';
import { openOnnxObserver } from '../runtime/onnxruntime.ts';
import type { OpenObserver } from '../runtime/session.ts';
import type { VariantInfo } from '../variant/info.ts';
import { writeMetadata } from '../variant/metadata.ts';
import { readVariant } from '../variant/read.ts';
import { graphAt, imageDims } from '../variant/resolutions.ts';
import { calibrate, shapeOf } from './calibrate.ts';
import { emit, type QuantizedForm } from './emit.ts';
import type { FrameSet } from './frames.ts';
import { dequantizeInput } from './input-stage.ts';
import { type LayerNoise, measureNoise } from './noise.ts';
import { makePlan, type Plan } from './plan.ts';
import type { CalibrationMethod } from './range.ts';
import { simplify } from './simplify.ts';

/** How {@link quantizeVariant} goes about it. */
export type QuantizeOptions = {
  /** Frames on which the activations' ranges are measured; 32 or more that are like those to come. */
  frames: FrameSet;
  /** How ranges are chosen; `percentile` unless said. */
  method?: CalibrationMethod;
  /** Percent of an activation's values inside its range at each end, for the method `percentile`; 99.99 unless said. */
  percentile?: number;
  /** `qoperator` unless said: the smaller file. */
  form?: QuantizedForm;
  /** How many of the first layers with weights stay in float; 5 unless said. See `defaultFloatLayers`. */
  floatLayers?: number;
  /** Weights to their nearest level, no equalising, no bias correction: faster, and worse. False unless said. */
  plain?: boolean;
  /** Measure the noise of each layer; false unless said. */
  noise?: boolean;
  threads?: number;
  signal?: AbortSignal;
  /** Called as frames are done. */
  onProgress?: (done: number, total: number) => void;
  /** The runtime; ONNX Runtime unless said. */
  open?: OpenObserver;
};

/** What {@link quantizeVariant} gives. */
export type Quantized = {
  file: Uint8Array;
  variant: VariantInfo;
  /** Operators with weights that are computed in 8 bits, and those of all kinds that stayed in float. */
  layers: number;
  float: string[];
  /** In the order of the graph; empty unless asked for. */
  noise: LayerNoise[];
};

/** Calibration frames that are enough; more cost time and change little. */
export const defaultCalibrationFrames = 128;
/** Percent of the values inside an activation's range, unless another is asked for. */
export const defaultPercentile = 99.99;
/**
 * The first layers see the widest pictures and hold next to no weights: 8 bits save little there, and their rounding is amplified by all
 * that follows. Official float V1 0.25×224: without them in float 90 % of the answers agree with the float model's, with them 96 %, and
 * it runs faster too (see README). 5 are V1's first convolution and two separable blocks.
 */
export const defaultFloatLayers = 5;

/**
 * Static post-training quantization: int8 weights with one scale a filter, uint8 activations with one scale and zero point each,
 * int32 biases. Softmax, scores and operators that have no 8-bit form stay in float.
 * The same file, options and frames give the same bytes on the same machine.
 * @param file a float32 variant
 * @throws AlpharhoError model_corrupt | model_not_variant | config_invalid (not float32, no frames, a setting) | warmup_failed; the
 * signal's reason once it is aborted
 */
export async function quantizeVariant(file: Uint8Array, options: QuantizeOptions): Promise<Quantized> {
  const source = readVariant(file);
  checkOptions(source, options);
  const { form = 'qoperator', open = openOnnxObserver, threads = 1, frames, signal } = options;
  const shared = { rho: source.rho, frames, open, threads, signal };
  const { method = 'percentile', percentile = defaultPercentile, plain = false, floatLayers = defaultFloatLayers, onProgress } = options;
  const decoded = decodeModel(file);
  // Calibrated at its own ρ: that is what its weights were trained at.
  const model = dequantizeInput(simplify({ ...decoded, graph: graphAt(decoded.graph, source.rho) }));
  check(makePlan(model, floatLayers), form);
  const calibrated = await calibrate(model, { ...shared, method, percentile, plain, floatLayers, onProgress });
  const { plan, weights } = calibrated;
  const bytes = encodeModel(withMetadata(emit({ ...calibrated, form }).model, source, options));
  const values = [...plan.ranged].map((name) => ({ name, dims: shapeOf(plan, name) }));
  const noise = options.noise ? await measureNoise(plan.model, emit({ ...calibrated, form: 'qdq' }), values, shared) : [];
  const float = plan.nodes.filter((step) => step.kind === 'float').map(({ node }) => node.op);
  return { file: bytes, variant: readVariant(bytes), layers: weights.size, float, noise };
}

function checkOptions(
  { precision }: VariantInfo,
  { frames, percentile = defaultPercentile, floatLayers = defaultFloatLayers }: QuantizeOptions,
): void {
  if (precision !== 'float32') throw new AlpharhoError('config_invalid', `the variant is ${precision} already; a float32 one is expected`);
  if (frames.count < 1) throw new AlpharhoError('config_invalid', 'there are no frames to calibrate on');
  if (!Number.isInteger(floatLayers) || floatLayers < 0)
    throw new AlpharhoError('config_invalid', `${floatLayers} layers in float; a whole number from 0 up is expected`);
  if (!(percentile >= 50 && percentile <= 100))
    throw new AlpharhoError('config_invalid', `percentile is ${percentile}; a number from 50 to 100 is expected`);
}

/** DequantizeLinear takes one scale a filter since opset 13, QLinearConv since 10. */
const firstOpset: Record<QuantizedForm, number> = { qdq: 13, qoperator: 10 };

function check({ model, nodes }: Plan, form: QuantizedForm): void {
  if (model.opset < firstOpset[form]) {
    const advice = form === 'qdq' && model.opset >= firstOpset.qoperator ? '; the form qoperator works' : '';
    throw new AlpharhoError('config_invalid', `the file is of opset ${model.opset}, the form ${form} needs ${firstOpset[form]}${advice}`);
  }
  if (!nodes.some(({ kind }) => kind === 'weighted'))
    throw new AlpharhoError(
      'config_invalid',
      'the graph has no convolution or Gemm left to quantize: none has constant float32 weights, or all were to stay in float',
    );
}

function withMetadata(model: OnnxModel, source: VariantInfo, options: QuantizeOptions): OnnxModel {
  const { sha256, bytes: _, classes: __, accuracy: ___, ...kept } = source;
  const { method = 'percentile', percentile = defaultPercentile, frames } = options;
  const how = method === 'percentile' ? `percentile ${percentile}` : method;
  const made = `quantized from the variant with SHA-256 ${sha256}, ${how} calibration on ${frames.description.slice(0, 100)}`;
  const provenance = source.provenance ? `${made}; ${source.provenance}` : made;
  const inputs = model.graph.inputs.map((input) => ({ ...input, dims: imageDims(source.rhos) }));
  const graph = { ...model.graph, inputs };
  return { ...model, graph, metadata: writeMetadata({ ...kept, precision: 'int8', provenance: provenance.slice(0, 500) }) };
}
