/**
 * @file Keeps a page from refreshing itself. A refresh of an address without a page loads it from scratch, and that would go on for ever.
 * It is a mark in the document, so that it holds from the first moment on, before the page has come to life.
 */

export const stillSelector = '[data-hold-still]';

export function HoldStill() {
  return <span hidden data-hold-still />;
}
