/** @file A process's log: appended to, and set aside as `.1` when it is full, so that no log outgrows two files. */
import { createWriteStream, renameSync, statSync, type WriteStream } from 'node:fs';

const maxLogBytes = 10 * 1024 * 1024;

export type LogFileOptions = {
  file: string;
  maxBytes?: number;
  /** Told once, with the system's error code, when the file cannot be written; it goes on without. */
  onError: (code: string | undefined) => void;
};

export class LogFile {
  private readonly file: string;
  private readonly maxBytes: number;
  private readonly onError: (code: string | undefined) => void;
  private stream: WriteStream | undefined;
  private bytes = 0;

  constructor({ file, maxBytes = maxLogBytes, onError }: LogFileOptions) {
    this.file = file;
    this.maxBytes = maxBytes;
    this.onError = onError;
  }

  open(): void {
    this.bytes = statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
    this.stream = createWriteStream(this.file, { flags: 'a' });
    // Unheard, it would end the launcher and leave its children running.
    this.stream.once('error', (error: NodeJS.ErrnoException) => this.fail(error));
  }

  write(chunk: Buffer): void {
    if (this.stream === undefined) return;
    if (this.bytes > 0 && this.bytes + chunk.byteLength > this.maxBytes) this.rotate();
    this.stream?.write(chunk);
    this.bytes += chunk.byteLength;
  }

  close(): void {
    this.stream?.end();
    this.stream = undefined;
  }

  /** What the old stream has not written yet follows its file to the new name. */
  private rotate(): void {
    this.close();
    try {
      renameSync(this.file, `${this.file}.1`);
      this.open();
    } catch (error) {
      this.fail(error as NodeJS.ErrnoException);
    }
  }

  private fail(error: NodeJS.ErrnoException): void {
    this.stream = undefined;
    this.onError(error.code);
  }
}
