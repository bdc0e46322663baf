/** @file Which machines count as the same when latencies are compared and variants are chosen: one string for each class. */

export type HardwareFacts = { readonly model: string; readonly cores: number };

/** The longest string that {@link hardwareClass} gives. */
export const maxHardwareClassChars = 100;

/**
 * A known board's family, its revision and the memory that it was sold with dropped ("Raspberry Pi 4", "Jetson Orin Nano"); of any
 * other machine the processor's name with its cores ("Intel Xeon, 2 cores").
 */
export function hardwareClass({ model, cores }: HardwareFacts): string {
  const name = model.replace(/\s+/g, ' ').trim();
  return raspberryPi(name) ?? jetson(name) ?? otherMachine(name, cores);
}

/** A 3 and a 3+ are one class: their clocks differ by less than what a case with or without a fan does. */
function raspberryPi(name: string): string | undefined {
  const found = /^Raspberry Pi (Compute Module \d+S?|Zero(?: 2)?(?: W)?|\d+)\b/.exec(name);
  return found === null ? undefined : `Raspberry Pi ${found[1]}`;
}

function jetson(name: string): string | undefined {
  const found = /^(?:NVIDIA )?(?:Jetson[ -])?(AGX Orin|Orin NX|Orin Nano|AGX Xavier|Xavier NX|AGX Thor|Nano|TX1|TX2(?: NX)?|AGX)\b/.exec(
    name,
  );
  if (found === null || !/^NVIDIA |^Jetson/.test(name)) return undefined;
  // The firmware of the first AGX, the Xavier, calls it by that name alone.
  return `Jetson ${found[1] === 'AGX' ? 'AGX Xavier' : found[1]}`;
}

function otherMachine(name: string, cores: number): string {
  const processor = name
    .replace(/\((R|TM|C)\)/gi, '')
    .replace(/ ?@.*$/, '')
    .replace(/\b(CPU|Processor)\b/g, '')
    .replace(/\b\d+-Core\b/g, '')
    .replace(/ +/g, ' ')
    .trim()
    .slice(0, 80);
  return `${processor || 'unknown'}, ${cores} ${cores === 1 ? 'core' : 'cores'}`;
}
