/** @file The frames on which a file is tried: invented, the same every time, with smooth colours, edges, noise and darkness. */
import { type Uniform, uniform } from '../zoo/prng.ts';

const painters: ((x: number, y: number, channel: number, random: Uniform) => number)[] = [
  (x, y, channel) => 127 + 70 * Math.sin(7 * x + channel) + 50 * Math.cos(5 * y + 2 * x - channel),
  (x, y, channel, random) => ((Math.floor(6 * x) + Math.floor(6 * y)) % 2 ? 200 - 40 * channel : 30 + 50 * channel) + 25 * random(),
  (x, y, channel, random) => (Math.hypot(x - 0.4, y - 0.6) < 0.25 ? 240 - 60 * channel : 12 * random()),
];

/** Frames of ρ × ρ RGB. */
export function goldenFrames(rho: number): Uint8Array[] {
  return painters.map((_, index) => paintFrame(rho, index));
}

/** The frame to which a variant's manifest holds the answer: ρ × ρ RGB. Devices try a new variant on it. */
export function goldenInput(rho: number): Uint8Array {
  return paintFrame(rho, 0);
}

function paintFrame(rho: number, index: number): Uint8Array {
  const paint = painters[index]!;
  const random = uniform(1, index);
  return Uint8Array.from({ length: rho * rho * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    const value = paint((pixel % rho) / rho, Math.floor(pixel / rho) / rho, at % 3, random);
    return Math.min(255, Math.max(0, Math.round(value)));
  });
}
