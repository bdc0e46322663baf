/** @file The variant contract's metadata_props: one text per key, read back by the schema that says what each may be. */
import { AlpharhoError, familySchema, precisionSchema, variantSchema, weightsSchema } from '@alpharho/protocol';
import { z } from 'zod';
import { labelsSchema, longestLabels, preprocessingSchema, rhosSchema, type VariantMetadata, type WrittenMetadata } from './info.ts';

/** Version of the contract; a reader refuses any other. */
export const contractVersion = '1';
const prefix = 'alpharho.';

/** Longest text that is parsed as JSON, labels apart: a few numbers and a source. */
const longestJson = 2000;

function json<T extends z.ZodType>(schema: T, longest = longestJson) {
  return z
    .string()
    .max(longest)
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const number = z
  .string()
  .max(30)
  .regex(/^\d+(\.\d+)?$/, 'is not a number')
  .transform(Number);

const { alpha, rho, multiplyAdds, parameters, accuracy, provenance, licence } = variantSchema.shape;

/** Key after the prefix → what its text must be. */
const metadataSchema = z.object({
  family: familySchema,
  alpha: number.pipe(alpha),
  rho: number.pipe(rho),
  resolutions: json(rhosSchema).optional(),
  precision: precisionSchema,
  weights: weightsSchema,
  labels: json(labelsSchema, longestLabels),
  preprocessing: json(preprocessingSchema),
  multiply_adds: number.pipe(multiplyAdds.unwrap()).optional(),
  parameters: number.pipe(parameters.unwrap()).optional(),
  accuracy: json(accuracy.unwrap()).optional(),
  provenance,
  licence,
});

/** Metadata as the texts of `metadata_props`. Optional facts that are not known are left out. */
export function writeMetadata(info: WrittenMetadata): Record<string, string> {
  const texts: Record<string, string | undefined> = {
    contract: contractVersion,
    family: info.family,
    alpha: String(info.alpha),
    rho: String(info.rho),
    resolutions: (info.rhos?.length ?? 1) > 1 ? JSON.stringify(info.rhos) : undefined,
    precision: info.precision,
    weights: info.weights,
    labels: JSON.stringify(info.labels),
    preprocessing: JSON.stringify(info.preprocessing),
    multiply_adds: info.multiplyAdds?.toString(),
    parameters: info.parameters?.toString(),
    accuracy: info.accuracy && JSON.stringify(info.accuracy),
    provenance: info.provenance,
    licence: info.licence,
  };
  const parsed = metadataSchema.safeParse(texts);
  if (!parsed.success) throw new AlpharhoError('internal', `metadata cannot be written: ${firstIssue(parsed.error)}`);
  const entries = Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries.map(([key, text]) => [prefix + key, text]));
}

/**
 * Reads the contract's metadata out of `metadata_props`; foreign keys are ignored.
 * @throws AlpharhoError model_not_variant, naming the key that is missing or wrong
 */
export function readMetadata(props: Record<string, string>): VariantMetadata {
  const ours = Object.entries(props).filter(([key]) => key.startsWith(prefix));
  const texts = Object.fromEntries(ours.map(([key, text]) => [key.slice(prefix.length), text]));
  if (texts.contract === undefined) {
    throw new AlpharhoError(
      'model_not_variant',
      'this ONNX file does not follow the variant contract (no alpharho.contract in its metadata); "mobilenet adopt" makes a variant of an image classifier',
    );
  }
  if (texts.contract !== contractVersion) {
    const message = `the file follows version ${texts.contract.slice(0, 20)} of the variant contract, this program reads version ${contractVersion}`;
    throw new AlpharhoError('model_not_variant', message);
  }
  const parsed = metadataSchema.safeParse(texts);
  if (!parsed.success) throw new AlpharhoError('model_not_variant', `the file's metadata is wrong: ${firstIssue(parsed.error)}`);
  const { multiply_adds: multiplyAdds, resolutions: rhos = [parsed.data.rho], ...rest } = parsed.data;
  if (!rhos.includes(rest.rho)) {
    throw new AlpharhoError('model_not_variant', `the file's metadata is wrong: alpharho.resolutions: ${rhos} lack its own, ${rest.rho}`);
  }
  return withoutUndefined({ ...rest, rhos, multiplyAdds });
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  const [key, ...path] = issue?.path ?? [];
  const place = path.length > 0 ? `${prefix}${String(key)} at ${path.join('.')}` : `${prefix}${String(key)}`;
  return `${place}: ${issue?.message ?? 'does not fit'}`;
}
