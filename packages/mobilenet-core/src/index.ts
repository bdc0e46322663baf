/** @file The package's door: what agent, hub and tests may use of it. */
export { type Adopted, adoptOnnx } from './adopt/adopt.ts';
export type { FaceOptions } from './adopt/face.ts';
export type { AdoptOptions } from './adopt/options.ts';
export type { OwnNormalisation } from './adopt/pixels.ts';
export type { Softmax } from './adopt/scores.ts';
export type { Layout, SizeOptions } from './adopt/sizes.ts';
export { divisibleChannels, scaledChannels } from './architecture/channels.ts';
export {
  type ArchitectureSpec,
  type BuildableFamily,
  buildableFamilies,
  familyTitle,
  isBuildable,
  type KnownFamily,
  knownFamilies,
  layersOf,
  parseSpec,
  publishedAlphas,
} from './architecture/families.ts';
export {
  type Activation,
  activationOf,
  type FeatureMap,
  hasWeights,
  type Layer,
  type LayerKind,
  type Norm,
  normOf,
  type Padding,
  paddingOf,
  paperName,
  samePadding,
  weightDims,
} from './architecture/layers.ts';
export { mobilenetV1, type NetworkSpec, type V1Spec } from './architecture/mobilenet-v1.ts';
export { type CatalogueEntry, catalogue, findPublished, publishedCost } from './catalogue/catalogue.ts';
export type { PublishedFamily, PublishedFile, PublishedModel } from './catalogue/published.ts';
export { bestSetting, type Goal, type Measurement } from './choose/best-setting.ts';
export { paretoFront } from './choose/pareto.ts';
export {
  type Budget,
  type Candidate,
  type Excess,
  type Judged,
  type Recommendation,
  recommend,
  type Standing,
} from './choose/recommend.ts';
export { fasterTwins, type Measure, type Tuned, type TuneOptions, type Twins, tune } from './choose/tune.ts';
export { fileTuningCache, type TuningCache, type TuningEntry, tuningCachePath } from './choose/tuning-cache.ts';
export { type Cost, cost, type LayerCost, type TypeCost } from './cost/cost.ts';
export type { Counts, TypeShares } from './cost/counts.ts';
export { type GraphCost, type GraphLayer, type GraphLayerKind, graphCost } from './cost/graph-cost.ts';
export { peakActivations } from './cost/liveness.ts';
export type { Bytes, Memory } from './cost/memory.ts';
export type { Separable } from './cost/separable.ts';
export { type DemonstrationOptions, demonstrationAlphas, demonstrationRhos, demonstrationVariant } from './demonstration/demonstration.ts';
export {
  type Answers,
  type MeasureDemonstrationOptions,
  type Measured,
  measureDemonstration,
  percentRight,
} from './demonstration/measure.ts';
export { classOffset } from './evaluate/classes.ts';
export { type EvaluateOptions, evaluate } from './evaluate/evaluate.ts';
export { type EvaluatedModel, type EvaluateModelsOptions, evaluateModels, type ModelEvaluation } from './evaluate/evaluate-models.ts';
export { folderSource } from './evaluate/folder-source.ts';
export { type LabelledImage, parseLabelList } from './evaluate/labels-csv.ts';
export { hasSampleData, sampleDataFolder } from './evaluate/sample-data.ts';
export { inspectionLineSource } from './evaluate/scene-source.ts';
export type { FrameSource, FrameView, Sample } from './evaluate/source.ts';
export type { ClassScore, Confusion, Evaluation } from './evaluate/tally.ts';
export { wilson } from './evaluate/wilson.ts';
export * from './graph/builder.ts';
export { decodeModel } from './graph/decode.ts';
export { encodeModel } from './graph/encode.ts';
export { maxModelBytes } from './graph/limits.ts';
export * from './graph/model.ts';
export { evaluationCrop } from './image/crop.ts';
export { type DecodeOptions, decodeImage } from './image/decode.ts';
export { type Colour, type NormalisationName, normalisationNames, normalisations } from './image/normalisations.ts';
export type { Region, View } from './image/view.ts';
export type { ExpectedArchitecture, Recognised } from './import/architecture.ts';
export type { WeightStorage } from './import/convert/lowering.ts';
export { type Imported, type ImportOptions, importTflite, largestTflite } from './import/import.ts';
export { parseLabels } from './import/labels.ts';
export type { ChosenNormalisation, InputNormalisation, Normalisation, TfliteNormalisationName } from './import/normalisation.ts';
export { type Inspection, inspectModel } from './inspect/inspect.ts';
export { boardName, hottestZone } from './measure/board.ts';
export { type ColdOptions, type ColdStart, measureCold } from './measure/cold.ts';
export { type Latency, type MeasureOptions, measureLatency, measureSubjects, type RoundLatency, type Subject } from './measure/latency.ts';
export { describeMachine, type Machine } from './measure/machine.ts';
export { type MeasuredModel, type MeasureSettingsOptions, measureSettings, type SettingLatency } from './measure/measure-settings.ts';
export { settingsFor, threadChoices, tryProviders, type UnusableProvider } from './measure/settings.ts';
export { type LogLinearFit, logLinearFit } from './plot/log-linear-fit.ts';
export type { Axis } from './plot/scale.ts';
export { type Plot, type PlotPoint, type PlotSeries, scatterPlot } from './plot/scatter.ts';
export { defaultCacheFolder } from './pull/cache.ts';
export type { DownloadOptions } from './pull/download.ts';
export type { Obtained, ObtainOptions } from './pull/obtain.ts';
export { type Pulled, type PullOptions, pullVariant } from './pull/pull.ts';
export type { Timers } from './pull/timers.ts';
export { compareVariants, type Score, type VariantComparison } from './quantize/compare.ts';
export { type QuantizedForm, quantizedForms } from './quantize/emit.ts';
export { type Frame, type FrameSet, lineFrames, PictureFrames, pictureFrames, remembered } from './quantize/frames.ts';
export type { LayerNoise } from './quantize/noise.ts';
export {
  defaultCalibrationFrames,
  defaultFloatLayers,
  defaultPercentile,
  type Quantized,
  type QuantizeOptions,
  quantizeVariant,
} from './quantize/quantize.ts';
export { type CalibrationMethod, calibrationMethods } from './quantize/range.ts';
export {
  type Classification,
  type Classifier,
  type ClassifierOptions,
  createClassifier,
  type RunSetting,
  type StageTimes,
} from './runtime/classifier.ts';
export { openOnnxSession, type RuntimeProvider, runTrial, runtimeProviders, runtimeVersion } from './runtime/onnxruntime.ts';
export type { ModelSession, ObservedValue, ObserverSession, OpenObserver, OpenSession, SessionOptions } from './runtime/session.ts';
export type { Answer, PixelArray, PixelType, RunTrial, Trial } from './runtime/trial.ts';
export {
  drawInspectionLine,
  drawInspectionSample,
  type InspectionLineLabel,
  type InspectionLineTruth,
  inspectionLineLabels,
  inspectionLineRate,
  inspectionLineTruth,
  inspectionSampleTruth,
  type SceneView,
  type Spot,
} from './scene/inspection-line.ts';
export { expandVariant, isShrunk } from './shrink/expand.ts';
export { type SeenWeights, type WeightMoments, type WeightMomentsOptions, weightMoments } from './shrink/moments.ts';
export { type ShrinkMethod, type ShrinkSettings, settingsName } from './shrink/settings.ts';
export { shrinkVariant } from './shrink/shrink.ts';
export { type SweepOptions, type SweepRow, sweep, sweepSettings } from './shrink/sweep.ts';
export { type Compared, type Comparison, compareFamilies } from './tables/comparison.ts';
export type { Figure, Verdict } from './tables/figure.ts';
export type { RecomputedRow, RecomputedTable } from './tables/table.ts';
export { recomputedTables } from './tables/tables.ts';
export {
  labelsSchema,
  preprocessingSchema,
  standardPreprocessing,
  type VariantInfo,
  type VariantMetadata,
  type WrittenMetadata,
} from './variant/info.ts';
export { contractVersion, readMetadata, writeMetadata } from './variant/metadata.ts';
export { inputName, outputName, readVariant } from './variant/read.ts';
export { recordAccuracy } from './variant/record-accuracy.ts';
export { type BuildOptions, buildVariant } from './zoo/build-variant.ts';
