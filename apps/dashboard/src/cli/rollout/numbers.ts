/** @file Numbers that are given as flags. */
import { InvalidArgumentError } from 'commander';

/** @returns a reader of numbers above 0, that says what is wrong with another text */
export function readNumber(flags: string): (text: string) => number {
  const unit = /<(.*)>/.exec(flags)?.[1];
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value > 0 && Number.isFinite(value)) return value;
    throw new InvalidArgumentError(`a number above 0 is expected (${unit}).`);
  };
}

/** A phase as people count them, from 1. @returns from 0 */
export function readPhase(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text) - 1;
  throw new InvalidArgumentError('a phase is expected, 1 or more.');
}
