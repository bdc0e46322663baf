/** @file Options that several commands share, and how their texts become values. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { buildableFamilies } from '../architecture/families.ts';

/** Parses a plain decimal number. */
export function number(text: string): number {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('A number is expected.');
  return Number(text);
}

/** Adds `--family --alpha --rho`, all required; their ranges are checked by the architecture. */
export function architectureOptions(command: Command): Command {
  return command
    .addOption(new Option('--family <name>', 'which MobileNet').choices(buildableFamilies).makeOptionMandatory())
    .addOption(new Option('--alpha <number>', 'width multiplier α, such as 0.25, 0.5, 0.75 or 1').argParser(number).makeOptionMandatory())
    .addOption(
      new Option('--rho <pixels>', 'side of the input image ρ, a multiple of 32, such as 128 or 224')
        .argParser(number)
        .makeOptionMandatory(),
    );
}

/** Adds `--json`. */
export function jsonOption(command: Command): Command {
  return command.option('--json', 'print JSON');
}
