/** @file The few statistics that the gates need. Pure. */

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** With n − 1 below the line; 0 of a single value. */
export function variance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}

/**
 * Variance of the mean of n successive values of a first-order autoregressive series, as a multiple of the variance of one of them:
 * 1/n where they are independent, 1 where they are all the same.
 * (Zwiers, von Storch: Taking serial correlation into account in tests of the mean. J. Climate 8 (1995) 336–351, equation 3.)
 */
export function meanFactor(n: number, correlation: number): number {
  let sum = 1;
  let power = 1;
  for (let lag = 1; lag < n; lag += 1) {
    power *= correlation;
    if (Math.abs(power) < 1e-9) break;
    sum += 2 * (1 - lag / n) * power;
  }
  return sum / n;
}

/** How many independent values tell as much about the variance as n correlated ones (Bartlett 1935, for the same series). */
export function variancesWorth(n: number, correlation: number): number {
  return (n * (1 - correlation ** 2)) / (1 + correlation ** 2);
}

/** Chance that a standard normal variable is above u, for u ≥ 1 (Laplace's continued fraction of Mills' ratio). */
export function normalTail(u: number): number {
  let fraction = u;
  for (let term = 60; term >= 1; term -= 1) fraction = u + term / fraction;
  return normalDensity(u) / fraction;
}

export function normalDensity(u: number): number {
  return Math.exp(-(u * u) / 2) / Math.sqrt(2 * Math.PI);
}

/** @returns t such that a Student variable with `freedom` degrees of freedom is above it with chance `tail`, 0 < tail < 0.5. */
export function studentQuantile(tail: number, freedom: number): number {
  let low = 0;
  let high = 1;
  while (studentTail(high, freedom) > tail) high *= 2;
  for (let step = 0; step < 60 && high - low > 1e-9 * high; step += 1) {
    const middle = (low + high) / 2;
    if (studentTail(middle, freedom) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Above this the normal distribution is as good, and cheaper. */
const manyFreedoms = 10_000;

function studentTail(t: number, freedom: number): number {
  if (freedom > manyFreedoms && t > 1) return normalTail(t);
  const capped = Math.min(freedom, manyFreedoms);
  return incompleteBeta(capped / (capped + t * t), capped / 2, 0.5) / 2;
}

/** Regularised, by Lentz's continued fraction (Numerical Recipes in C, 2nd edition, §6.4). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m < 500; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-12) break;
  }
  return result;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** Lanczos' approximation (Numerical Recipes in C, §6.1), good to 2e-10. */
function logGamma(x: number): number {
  const terms = [76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2, -0.5395239384953e-5];
  const shifted = x + 5.5 - (x + 0.5) * Math.log(x + 5.5);
  const series = terms.reduce((sum, term, index) => sum + term / (x + index + 1), 1.000000000190015);
  return -shifted + Math.log((2.5066282746310007 * series) / x);
}
