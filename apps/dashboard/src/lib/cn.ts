/** @file Joins class names; of two that contradict each other the later one counts. */
import { type ClassValue, clsx } from 'clsx';
import { extendTailwindMerge } from 'tailwind-merge';

/** Our own text sizes must be told from colours, which begin alike. */
const merge = extendTailwindMerge({
  extend: { classGroups: { 'font-size': [{ text: ['tile', 'object', 'title', 'body', 'second', 'axis'] }] } },
});

export function cn(...classes: ClassValue[]): string {
  return merge(clsx(classes));
}
