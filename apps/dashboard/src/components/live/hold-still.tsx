/** @file Keeps a page from refreshing itself: one without content would be loaded from scratch each time, for ever. */
'use client';
import { useEffect } from 'react';
import { useLive } from './live-provider.tsx';

export function HoldStill() {
  const { hold } = useLive();
  useEffect(() => hold(), [hold]);
  return null;
}
