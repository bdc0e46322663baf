/** @file Text that comes from devices and their models, made fit to stand beside other text. */

/** Marks that turn the text after them round, as far as the line goes. Text that runs from right to left needs none of them. */
const overrides = /[\u202A-\u202E\u2066-\u2069]/gu;
const controls = /\p{Cc}+/gu;
/** More marks on one letter are painted over the lines above and below. */
const piledMarks = /(\p{M}{4})\p{M}+/gu;

export function deviceText(text: string): string {
  return text.replace(overrides, '').replace(controls, ' ').replace(piledMarks, '$1');
}

export function deviceTextOrNull(text: string | null): string | null {
  return text === null ? null : deviceText(text);
}
