/** @file A file on its way into the registry. XMLHttpRequest, since fetch does not tell how much has been sent. */
'use client';
import { useEffect, useRef, useState } from 'react';
import { optionsOf, type UploadForm } from '@/lib/upload-rules.ts';

export type Uploading =
  | { step: 'idle' }
  | { step: 'sending'; percent: number }
  | { step: 'checking' }
  | { step: 'failed'; message: string }
  | { step: 'done'; id: string; name: string; known: boolean; notes: string[] };

const unreachable: Uploading = { step: 'failed', message: 'Not done: the dashboard did not answer. Nothing was added; try again.' };

export function useUpload(onDone: () => void): { state: Uploading; send: (file: File, form: UploadForm) => void; reset: () => void } {
  const [state, setState] = useState<Uploading>({ step: 'idle' });
  const request = useRef<XMLHttpRequest>(null);
  // Closing the dialog calls the upload off, and the check with it.
  useEffect(() => () => request.current?.abort(), []);
  const send = (file: File, form: UploadForm) => {
    const body = new FormData();
    // The fields first: what is wrong with them is then known before the file has come.
    body.append('options', JSON.stringify(optionsOf(form)));
    body.append('file', file);
    const xhr = new XMLHttpRequest();
    request.current = xhr;
    xhr.upload.onprogress = ({ loaded, total }) => setState({ step: 'sending', percent: Math.floor((loaded / total) * 100) });
    xhr.upload.onload = () => setState({ step: 'checking' });
    xhr.onerror = () => setState(unreachable);
    xhr.onload = () => {
      const next = outcomeOf(xhr.responseText);
      setState(next);
      if (next.step === 'done') onDone();
    };
    xhr.open('POST', '/api/v1/variants');
    xhr.send(body);
    setState({ step: 'sending', percent: 0 });
  };
  return { state, send, reset: () => setState({ step: 'idle' }) };
}

type Answer = { id: string; name: string; known: boolean; notes: string[] } | { error: string; message: string };

function outcomeOf(text: string): Uploading {
  try {
    const answer = JSON.parse(text) as Answer;
    if ('error' in answer) return { step: 'failed', message: `Not added: ${answer.message}.` };
    return { step: 'done', id: answer.id, name: answer.name, known: answer.known, notes: answer.notes };
  } catch {
    return unreachable;
  }
}
