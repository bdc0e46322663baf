/**
 * @file The parts on the belt, drawn from signed distances. Coordinates are the part's own: x to the right and y down, the
 * part about 1 high, its middle at (0, 0). A distance is negative inside.
 */

export type Rgb = readonly [number, number, number];
export type Distance = (x: number, y: number) => number;

/** One coat of paint. Later coats lie over earlier ones. */
export type Coat = {
  readonly distance: Distance;
  readonly colour: Rgb;
  /** Brightness at a point, 1 is the plain colour. */
  readonly shade?: (x: number, y: number) => number;
};

export const box = (centreX: number, centreY: number, halfWidth: number, halfHeight: number, radius = 0): Distance => {
  return (x, y) => {
    const dx = Math.abs(x - centreX) - halfWidth + radius;
    const dy = Math.abs(y - centreY) - halfHeight + radius;
    return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius;
  };
};

export const circle = (centreX: number, centreY: number, radius: number): Distance => {
  return (x, y) => Math.hypot(x - centreX, y - centreY) - radius;
};

/** Flattened circle; the distance is near enough close to its rim. */
export const ellipse = (centreX: number, centreY: number, radiusX: number, radiusY: number): Distance => {
  return (x, y) => (Math.hypot((x - centreX) / radiusX, (y - centreY) / radiusY) - 1) * Math.min(radiusX, radiusY);
};

export const ring = (centreX: number, centreY: number, radius: number, thickness: number): Distance => {
  return (x, y) => Math.abs(Math.hypot(x - centreX, y - centreY) - radius) - thickness / 2;
};

/** Regular hexagon, flat sides left and right. */
export const hexagon = (apothem: number): Distance => {
  return (x, y) => Math.max(Math.abs(x), Math.abs(x) * 0.5 + Math.abs(y) * (Math.sqrt(3) / 2)) - apothem;
};

/** Sides that lean inwards to the bottom. */
export const trapezoid = (halfTop: number, halfBottom: number, halfHeight: number): Distance => {
  const lean = (halfTop - halfBottom) / (2 * halfHeight);
  const norm = Math.hypot(1, lean);
  return (x, y) => Math.max((Math.abs(x) - halfTop + lean * (y + halfHeight)) / norm, Math.abs(y) - halfHeight);
};

/** Wheel with teeth. */
export const cog = (teeth: number, radius: number, depth: number): Distance => {
  return (x, y) => Math.hypot(x, y) - radius - (depth / 2) * Math.tanh(4 * Math.sin(Math.atan2(y, x) * teeth));
};

export const without = (a: Distance, b: Distance): Distance => {
  return (x, y) => Math.max(a(x, y), -b(x, y));
};

export const union = (...parts: readonly Distance[]): Distance => {
  return (x, y) => parts.reduce((least, part) => Math.min(least, part(x, y)), Number.POSITIVE_INFINITY);
};

/** Light from the upper left on a standing cylinder of this half width: a highlight, and dark edges. */
export const round = (halfWidth: number): ((x: number) => number) => {
  return (x) => {
    const across = Math.min(Math.max(x / halfWidth, -1), 1);
    return 0.55 + 0.45 * Math.sqrt(1 - across * across) + 0.35 * Math.exp(-(((across + 0.4) * 5) ** 2));
  };
};

/** Brushed metal: bright from one corner to the other. */
export const metal = (x: number, y: number): number => 0.85 + 0.3 * Math.sin(3 * (x + y) + 0.8);
