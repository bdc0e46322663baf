/** @file Over the variants: the way to add one. */
'use client';
import { Upload } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { maxUploadMib } from '@/lib/upload-rules.ts';
import { UploadDialog } from './upload-dialog.tsx';

export function UploadBar() {
  const [open, setOpen] = useState(false);
  const [dropped, setDropped] = useState<File | null>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file === undefined) return;
    setDropped(file);
    setOpen(true);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button beside it is the first
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`flex min-h-[54px] flex-wrap items-center gap-x-4 gap-y-2 border-line border-b px-5 py-2 phone:px-4 ${over ? 'bg-accent-soft' : ''}`}
    >
      <p className="min-w-0 flex-1 basis-60 text-ink-2">
        Add a variant, a TFLite or an ONNX classifier, up to {maxUploadMib} MiB: drop the file here, or choose it. It is checked, brought
        into the contract and signed.
      </p>
      <Button onClick={() => setOpen(true)} aria-haspopup="dialog" className="phone:w-full">
        <Upload size={14} strokeWidth={2} aria-hidden="true" />
        Upload a file
      </Button>
      {open && (
        <UploadDialog
          first={dropped}
          onClose={() => {
            setOpen(false);
            setDropped(null);
          }}
        />
      )}
    </div>
  );
}
