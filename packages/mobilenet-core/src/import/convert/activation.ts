/** @file Activations that TFLite fuses into other operators. */
import type { TfliteOperator, TfliteTensor } from '../tflite-model.ts';
import { activationQuantization, isFloat, type Lowering, unsupported } from './lowering.ts';

/** ActivationFunctionType of the schema: what each clamps to. The others (TANH, SIGN_BIT) no MobileNet uses. */
const clamps: Record<number, [low: number, high: number] | undefined> = {
  0: [-Infinity, Infinity],
  1: [0, Infinity],
  2: [-1, 1],
  3: [0, 6],
};

const outOfRange = (low: number, high: number) => low > 0 || high < 255;

/**
 * Adds the clamp of a fused activation after `value`; returns the name of the result.
 * Quantized values are clamped already by what 8 bits can hold: a node is added only where the activation is narrower than that.
 */
export function fusedActivation(lowering: Lowering, operator: TfliteOperator, code: number, value: string, output: TfliteTensor): string {
  const clamp = clamps[code];
  if (!clamp) throw unsupported(operator, `fused activation ${code} is not converted`);
  const [low, high] = clamp;
  const name = `${operator.index}_clamp`;
  if (isFloat(output)) {
    if (low === -Infinity) return value;
    if (high === Infinity) return lowering.builder.node('Relu', name, [value]);
    const bounds = [low, high].map((bound, index) => lowering.builder.constant(`${name}.${index}`, 'float32', [], Float32Array.of(bound)));
    return lowering.builder.node('Clip', name, [value, ...bounds]);
  }
  const { scale, zeroPoint } = activationQuantization(operator, output);
  const quantize = (real: number) => Math.min(255, Math.max(0, zeroPoint + Math.round(real / scale)));
  const range = [quantize(low), quantize(high)] as const;
  if (!outOfRange(...range)) return value;
  const bounds = range.map((bound, index) => lowering.builder.constant(`${name}.${index}`, 'uint8', [], Uint8Array.of(bound)));
  return lowering.builder.node('Clip', name, [value, ...bounds]);
}
