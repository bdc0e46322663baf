/** @file The package's door: what agent, hub and tests may use of it. */
export { type ArchitectureSpec, type BuildableFamily, buildableFamilies, layersOf, parseSpec } from './architecture/families.ts';
export {
  type FeatureMap,
  type Layer,
  type LayerKind,
  paperName,
  samePadding,
  type WeightedKind,
  weightDims,
} from './architecture/layers.ts';
export { mobilenetV1, scaledChannels, type V1Spec } from './architecture/mobilenet-v1.ts';
export { type Cost, cost, type LayerCost, type TypeCost } from './cost/cost.ts';
export type { Counts, TypeShares } from './cost/counts.ts';
export { type GraphCost, graphCost } from './cost/graph-cost.ts';
export * from './graph/builder.ts';
export { decodeModel, maxModelBytes } from './graph/decode.ts';
export { encodeModel } from './graph/encode.ts';
export * from './graph/model.ts';
export { type Inspection, inspectModel } from './inspect/inspect.ts';
export {
  drawInspectionLine,
  type InspectionLineLabel,
  type InspectionLineTruth,
  inspectionLineLabels,
  inspectionLineRate,
  inspectionLineTruth,
  type SceneView,
} from './scene/inspection-line.ts';
export { labelsSchema, preprocessingSchema, standardPreprocessing, type VariantInfo, type VariantMetadata } from './variant/info.ts';
export { contractVersion, readMetadata, writeMetadata } from './variant/metadata.ts';
export { inputName, outputName, readVariant } from './variant/read.ts';
export { type BuildOptions, buildVariant } from './zoo/build-variant.ts';
