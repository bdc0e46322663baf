/** @file Tests with agents on an emulated arm64 board. .ci/arm64 runs them, with what scripts/arm64/set-up.sh makes. */
import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

const config = mergeConfig(base, {});
config.test = { ...config.test, include: ['test/arm64/**/*.test.ts'], exclude: [] };

export default config;
