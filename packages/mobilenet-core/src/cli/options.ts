/** @file Options that several commands share, and how their texts become values. */
import { type Command, InvalidArgumentError, Option } from 'commander';

/** Parses a plain decimal number: "0.25", ".25". */
export function number(text: string): number {
  if (!/^-?(\d+(\.\d+)?|\.\d+)$/.test(text)) throw new InvalidArgumentError('A plain number is expected, such as 0.5 or 128.');
  return Number(text);
}

/** Parses a list of resolutions: "224,192,160,128". Which of them are possible is for the model to say. */
export function rhoList(text: string): number[] {
  return text.split(',').map((each) => number(each.trim()));
}

/**
 * Adds `--family --alpha --rho`, all required; their ranges are checked by the architecture.
 * @param families the choice of the first
 */
export function architectureOptions(command: Command, families: readonly string[]): Command {
  return command
    .addOption(new Option('--family <name>', 'which network').choices(families).makeOptionMandatory())
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
