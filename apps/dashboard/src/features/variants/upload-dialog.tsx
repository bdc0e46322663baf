/** @file "Upload a file": choose it, say what it does not tell, watch it go, and hear what became of it. */
'use client';
import { useRouter } from 'next/navigation';
import { type DragEvent, type FormEvent, useRef, useState } from 'react';
import { Link } from '@/components/link.tsx';
import { Button, buttonClass } from '@/components/ui/button.tsx';
import { Dialog, DialogClose } from '@/components/ui/dialog.tsx';
import { Failure } from '@/features/assign/change-variant-dialog.tsx';
import { formatBytes } from '@/lib/format.ts';
import { emptyForm, maxUploadMib, pixelChoices, refuseFile, type UploadForm } from '@/lib/upload-rules.ts';
import { variantHref } from '@/lib/variant-facts.ts';
import { type Uploading, useUpload } from './use-upload.ts';

const formId = 'upload-form';
const field = 'rounded-control border border-line-2 bg-sunken px-2 placeholder:text-ink-3';

export function UploadDialog({ first, onClose }: { first: File | null; onClose: () => void }) {
  const router = useRouter();
  const [file, setFile] = useState(first);
  const [form, setForm] = useState(emptyForm);
  const { state, send, reset } = useUpload(() => router.refresh());
  const refusal = file === null ? null : refuseFile(file);
  const busy = state.step === 'sending' || state.step === 'checking';
  const choose = (next: File | undefined) => {
    if (next === undefined || busy) return;
    setFile(next);
    reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file !== null && refusal === null && !busy) send(file, form);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Upload a file"
      description={`A variant, a TFLite or an ONNX classifier, up to ${maxUploadMib} MiB. It is checked in a process of its own.`}
      footer={
        <>
          <Failure text={refusal ?? (state.step === 'failed' ? state.message : null)} />
          <DialogClose asChild>
            <Button>{busy ? 'Call off' : 'Close'}</Button>
          </DialogClose>
          {state.step === 'done' ? (
            <Link href={variantHref(state.id)} className={buttonClass({ tone: 'primary' })}>
              Show {state.name}
            </Link>
          ) : (
            <Button tone="primary" type="submit" form={formId} disabled={file === null || refusal !== null || busy}>
              {file === null ? 'Choose a file' : `Upload ${file.name.length > 32 ? 'the file' : file.name}`}
            </Button>
          )}
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="grid gap-3 px-5 py-4 phone:px-4">
        <Chooser file={file} onChoose={choose} disabled={busy} />
        <Progress state={state} />
        {state.step !== 'done' && <Said form={form} onChange={setForm} disabled={busy} />}
      </form>
    </Dialog>
  );
}

type ChooserProps = { file: File | null; onChoose: (file: File | undefined) => void; disabled: boolean };

function Chooser({ file, onChoose, disabled }: ChooserProps) {
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    onChoose(event.dataTransfer.files[0]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button within is the first
    <div
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
      className="flex min-h-16 flex-wrap items-center gap-x-3 gap-y-2 rounded-control border border-line-3 border-dashed px-4 py-3"
    >
      <input
        ref={input}
        id="upload-file"
        type="file"
        accept=".onnx,.tflite"
        aria-label="Model file"
        className="sr-only"
        tabIndex={-1}
        disabled={disabled}
        onChange={(event) => onChoose(event.target.files?.[0])}
      />
      <Button data-first-focus disabled={disabled} onClick={() => input.current?.click()}>
        Choose a file
      </Button>
      <span className="min-w-0 flex-1 wrap-anywhere text-ink-2">
        {file === null ? (
          'or drop it here: .onnx or .tflite'
        ) : (
          <>
            {file.name} <span className="text-ink-3">{formatBytes(file.size)}</span>
          </>
        )}
      </span>
    </div>
  );
}

function Progress({ state }: { state: Uploading }) {
  if (state.step === 'sending' || state.step === 'checking') {
    const percent = state.step === 'sending' ? state.percent : 100;
    return (
      <div className="grid gap-1.5">
        <div role="progressbar" aria-label="Sent" aria-valuenow={percent} className="h-1 bg-track">
          <div className="h-full bg-accent" style={{ width: `${percent}%` }} />
        </div>
        <output className="text-second text-ink-2">
          {state.step === 'sending' ? `${percent} % sent` : 'Sent. It is being checked: opened, brought into the contract, run once.'}
        </output>
      </div>
    );
  }
  if (state.step !== 'done') return null;
  return (
    <output className="block">
      <p className="font-medium">
        {state.name} {state.known ? 'was in the registry already.' : 'is in the registry.'}
      </p>
      <ul className="mt-1 text-second text-ink-2">
        {state.notes.map((note) => (
          <li key={note} className="wrap-anywhere">
            {note}
          </li>
        ))}
      </ul>
    </output>
  );
}

type SaidProps = { form: UploadForm; onChange: (form: UploadForm) => void; disabled: boolean };

/** A variant file needs none of it, a TFLite file seldom; an ONNX classifier of one's own mostly does. */
function Said({ form, onChange, disabled }: SaidProps) {
  const set = (change: Partial<UploadForm>) => onChange({ ...form, ...change });
  return (
    <fieldset disabled={disabled} className="grid gap-3">
      <legend className="pb-1 font-medium">
        What the file does not tell <span className="font-normal text-ink-3">for ONNX classifiers, mostly</span>
      </legend>
      <label className="grid gap-1">
        Pixels
        <select value={form.pixels} onChange={(event) => set({ pixels: event.target.value })} className={`${field} h-[30px] phone:h-11`}>
          {pixelChoices.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label className="grid gap-1">
        <span>
          Class names <span className="text-ink-3">one a line, in the order of the outputs</span>
        </span>
        <textarea
          value={form.labels}
          onChange={(event) => set({ labels: event.target.value })}
          rows={3}
          spellCheck={false}
          className={`${field} py-1.5 font-mono text-second`}
        />
      </label>
      <label className="inline-flex min-h-6 items-center gap-2 phone:min-h-11">
        <input type="checkbox" checked={form.numbered} onChange={(event) => set({ numbered: event.target.checked })} />
        Number the classes where nothing names them
      </label>
      <div className="grid grid-cols-2 gap-3">
        <label className="grid gap-1">
          <span>
            ρ <span className="text-ink-3">where the file leaves it open</span>
          </span>
          <input
            value={form.rho}
            onChange={(event) => set({ rho: event.target.value })}
            inputMode="numeric"
            placeholder="224"
            className={`${field} h-[30px] min-w-0 phone:h-11`}
          />
        </label>
        <label className="grid gap-1">
          Licence
          <input
            value={form.licence}
            onChange={(event) => set({ licence: event.target.value })}
            placeholder="Apache-2.0"
            maxLength={100}
            className={`${field} h-[30px] min-w-0 phone:h-11`}
          />
        </label>
      </div>
    </fieldset>
  );
}
