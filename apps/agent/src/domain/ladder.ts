/** @file The steps that the governor may take: which pairs of resolution and frame rate are allowed, from the best to the cheapest. */
import type { VariantInfo } from '@alpharho/mobilenet-core';

export type Rung = {
  readonly rho: number;
  /** Frames a second that are let through; undefined: all. */
  readonly rate: number | undefined;
};

export type Allowed = {
  readonly rhos?: readonly number[] | undefined;
  readonly rates?: readonly number[] | undefined;
  /** Rates below it are never taken. */
  readonly minRate?: number | undefined;
};

type Served = Pick<VariantInfo, 'rho' | 'rhos'>;

/**
 * Resolution goes first, at the highest rate; then the rate, at the lowest resolution. What is not allowed is not there; where nothing
 * that is allowed is served, the variant's own resolution is all there is.
 */
export function ladderOf(variant: Served, allowed: Allowed): Rung[] {
  const served = (allowed.rhos ?? [variant.rho]).filter((rho) => variant.rhos.includes(rho));
  const rhos = descending(served.length > 0 ? served : [variant.rho]);
  const rates = descending(allowed.rates ?? []);
  const quickEnough = rates.filter((rate) => rate >= (allowed.minRate ?? 0));
  const [highest, ...slower] = quickEnough.length > 0 ? quickEnough : rates.slice(0, 1);
  const lowest = rhos.at(-1) ?? variant.rho;
  return [...rhos.map((rho) => ({ rho, rate: highest })), ...slower.map((rate) => ({ rho: lowest, rate }))];
}

/** What of the settings does nothing for this variant, in words; empty where all is well. */
export function idleSettings(variant: Served, allowed: Allowed, hasBudget: boolean): string[] {
  const { rhos, rates, minRate } = allowed;
  const notServed = (rhos ?? []).filter((rho) => !variant.rhos.includes(rho));
  const tooSlow = (rates ?? []).filter((rate) => rate < (minRate ?? 0));
  const steps = ladderOf(variant, allowed).length;
  const serves = variant.rhos.length === 1 ? `${variant.rho} alone` : variant.rhos.join(', ');
  return [
    ...(notServed.length > 0 ? [`allow-rhos ${notServed.join(', ')}: the variant serves ρ ${serves}`] : []),
    ...(tooSlow.length > 0 ? [`allow-rates ${tooSlow.join(', ')}: below min-rate ${minRate}`] : []),
    ...(hasBudget && steps === 1
      ? ['budget-p95, min-rate, max-temperature: no step is allowed that could hold them (allow-rhos, allow-rates)']
      : []),
    ...(!hasBudget && steps > 1
      ? ['allow-rhos, allow-rates: without budget-p95, min-rate or max-temperature only throttling makes a step']
      : []),
  ];
}

/** The same where no variant is known: of one that serves whatever is allowed. */
export function idleAnyway(allowed: Allowed, hasBudget: boolean): string[] {
  const rhos = allowed.rhos ?? [0];
  return idleSettings({ rho: rhos[0] ?? 0, rhos: [...rhos] }, allowed, hasBudget);
}

/** `ρ 160 at 10 frames/s` */
export function rungName(rung: Rung | undefined): string {
  if (rung === undefined) return 'nothing';
  return rung.rate === undefined ? `ρ ${rung.rho}` : `ρ ${rung.rho} at ${rung.rate} frames/s`;
}

function descending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => b - a);
}
