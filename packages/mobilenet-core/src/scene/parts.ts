/** @file The inspection line's classes, and how a part of each is painted. */
import { box, type Coat, circle, cog, ellipse, hexagon, metal, type Rgb, ring, round, trapezoid, union, without } from './shapes.ts';

/** Class names in the order of their indices; the last is the belt with nothing on it. */
export const inspectionLineLabels = ['bottle', 'can', 'jar', 'cup', 'box', 'gear', 'nut', 'empty belt'] as const;
export type InspectionLineLabel = (typeof inspectionLineLabels)[number];
export type PartLabel = Exclude<InspectionLineLabel, 'empty belt'>;

/** @param draw numbers in [0, 1) that make this part differ from others of its class */
type Paint = (draw: (index: number) => number) => Coat[];

const pick = (colours: readonly Rgb[], draw: number): Rgb => colours[Math.floor(draw * colours.length)] as Rgb;
const glass: readonly Rgb[] = [
  [46, 120, 62],
  [116, 66, 28],
  [70, 130, 160],
];
const bright: readonly Rgb[] = [
  [196, 48, 44],
  [32, 92, 178],
  [224, 168, 30],
  [52, 140, 84],
];
const white: Rgb = [236, 234, 226];
const hole: Rgb = [38, 40, 44];

export const paints: Record<PartLabel, Paint> = {
  bottle: (draw) => {
    const body = union(box(0, 0.16, 0.17, 0.34, 0.07), box(0, -0.28, 0.065, 0.16, 0.03), ellipse(0, -0.17, 0.15, 0.12));
    return [
      { distance: body, colour: pick(glass, draw(0)), shade: round(0.17) },
      { distance: box(0, 0.2, 0.17, 0.14), colour: white, shade: round(0.17) },
      { distance: box(0, -0.45, 0.08, 0.045, 0.02), colour: pick(bright, draw(1)), shade: round(0.08) },
    ];
  },
  can: (draw) => [
    { distance: box(0, 0, 0.2, 0.36, 0.04), colour: [176, 180, 186], shade: round(0.2) },
    { distance: box(0, 0, 0.2, 0.29), colour: pick(bright, draw(0)), shade: round(0.2) },
    { distance: box(0, 0.02, 0.2, 0.05), colour: white, shade: round(0.2) },
    { distance: ellipse(0, -0.34, 0.18, 0.045), colour: [206, 209, 214] },
    { distance: ellipse(0.03, -0.335, 0.06, 0.018), colour: [120, 124, 130] },
  ],
  jar: (draw) => [
    { distance: box(0, 0.07, 0.28, 0.3, 0.1), colour: [206, 214, 208], shade: round(0.28) },
    {
      distance: box(0, 0.14, 0.25, 0.2, 0.08),
      colour: pick(
        [
          [168, 40, 52],
          [206, 132, 24],
          [88, 50, 96],
        ],
        draw(0),
      ),
      shade: round(0.28),
    },
    { distance: box(0, -0.28, 0.27, 0.075, 0.02), colour: pick(bright, draw(1)), shade: round(0.27) },
  ],
  cup: (draw) => {
    const colour = pick([white, ...bright], draw(0));
    return [
      { distance: ring(0.26, 0, 0.14, 0.06), colour },
      { distance: trapezoid(0.28, 0.19, 0.3), colour, shade: round(0.28) },
      { distance: ellipse(0, -0.3, 0.28, 0.07), colour: [88, 62, 46] },
      { distance: without(ellipse(0, -0.3, 0.28, 0.07), ellipse(0, -0.3, 0.25, 0.055)), colour: white },
    ];
  },
  box: (draw) => {
    const colour: Rgb = [178 - 30 * draw(0), 132 - 24 * draw(0), 84 - 18 * draw(0)];
    return [
      { distance: box(0, 0, 0.36, 0.3, 0.01), colour, shade: (_x, y) => 1.06 - 0.25 * y },
      { distance: box(0, 0, 0.36, 0.035), colour: [212, 184, 132] },
      { distance: box(0.2, 0.17, 0.1, 0.07), colour: white },
      { distance: box(0.2, 0.17, 0.075, 0.012), colour: hole },
    ];
  },
  gear: (draw) => [
    { distance: cog(10 + Math.floor(draw(0) * 4), 0.33, 0.09), colour: [120, 122, 128], shade: metal },
    { distance: ring(0, 0, 0.21, 0.03), colour: [84, 86, 92] },
    { distance: circle(0, 0, 0.1), colour: hole },
  ],
  nut: (draw) => [
    {
      distance: hexagon(0.3),
      colour: pick(
        [
          [190, 170, 112],
          [168, 172, 178],
        ],
        draw(0),
      ),
      shade: metal,
    },
    { distance: ring(0, 0, 0.21, 0.025), colour: [116, 112, 100] },
    { distance: circle(0, 0, 0.18), colour: hole },
  ],
};
