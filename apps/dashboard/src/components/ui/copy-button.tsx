/** @file Copies a text; says so for a moment in place of its icon. */
'use client';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';

const shownMs = 1500;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), shownMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    // Refused on plain http from another machine; the text can be selected there.
    navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      onClick={copy}
      aria-label={copied ? 'Copied' : label}
      title={copied ? 'Copied' : label}
      className="inline-grid size-6 place-items-center rounded-tag text-ink-3 hover:bg-sunken hover:text-ink phone:size-11"
    >
      <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
    </button>
  );
}
