/** @file The package's door for a process or thread that runs variants and does nothing else: no images, no importers, no commands. */
export { goldenInput } from './adopt/golden.ts';
export { type Tuned, type TuneOptions, tune } from './choose/tune.ts';
export { fileTuningCache, type TuningCache } from './choose/tuning-cache.ts';
export { type ApartOptions, measureApart } from './measure/apart.ts';
export { otherLoad, type ProcessorTime, processorTime } from './measure/load.ts';
export { describeMachine } from './measure/machine.ts';
export { checkProviders, settingName, settingsFor, threadChoices } from './measure/settings.ts';
export { type Classification, type Classifier, type ClassifierOptions, createClassifier, type RunSetting } from './runtime/classifier.ts';
export { missingLibrary, type RuntimeProvider, runtimeProviders, runtimeVersion } from './runtime/onnxruntime.ts';
export { hasFloatTwin } from './twin/float-twin.ts';
export { readVariant } from './variant/read.ts';
