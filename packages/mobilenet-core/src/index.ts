/** @file The package's door: what agent, hub and tests may use of it. */
export * from './graph/builder.ts';
export { decodeModel, maxModelBytes } from './graph/decode.ts';
export { encodeModel } from './graph/encode.ts';
export * from './graph/model.ts';
export { labelsSchema, preprocessingSchema, standardPreprocessing, type VariantInfo, type VariantMetadata } from './variant/info.ts';
export { contractVersion, readMetadata, writeMetadata } from './variant/metadata.ts';
export { inputName, outputName, readVariant } from './variant/read.ts';
