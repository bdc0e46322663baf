/**
 * @file The package's small door: for a process or thread that makes frames and reads files but runs no model. It loads neither a runtime
 * nor an image library before its first picture; on a small board that is half of the memory.
 */
export { maxModelBytes } from './graph/limits.ts';
export { type DecodeOptions, decodeImage } from './image/decode.ts';
export { type Placement, placement, sourceRegion } from './image/orientation.ts';
export type { Region, View } from './image/view.ts';
export { boardName, hottestZone } from './measure/board.ts';
export { keepRuntimeSilent } from './runtime/telemetry.ts';
export { drawInspectionLine, inspectionLineRate, type SceneView } from './scene/inspection-line.ts';
