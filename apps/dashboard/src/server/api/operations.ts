/** @file Every address of REST. The first one that fits an address is meant. */
import { deviceOperations } from './devices.ts';
import type { Operation } from './operation.ts';
import { rolloutOperations } from './rollouts.ts';
import { variantOperations } from './variants.ts';

export const operations: readonly Operation[] = [...deviceOperations, ...variantOperations, ...rolloutOperations];

export const apiRoot = '/api/v1';
