/** @file The package's door for a process or thread that runs variants and does nothing else: no images, no importers, no commands. */
export { type Classification, type Classifier, type ClassifierOptions, createClassifier, type RunSetting } from './runtime/classifier.ts';
export { readVariant } from './variant/read.ts';
