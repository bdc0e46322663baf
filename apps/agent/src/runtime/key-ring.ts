/** @file The key set that this device trusts: pinned once, then replaced only by one that the set before vouches for. */
import { AlpharhoError, isAlpharhoError, type Keys } from '@alpharho/protocol';
import type { Fault } from '../domain/conditions.ts';
import type { Emit } from '../domain/events.ts';
import type { KeptKeys } from '../domain/kept-keys.ts';
import { acceptKeys, type KeySet, readKeySet } from '../domain/key-set.ts';
import type { KeyStore, Log, Signatures, TrustFile } from '../domain/ports.ts';

export type KeyRingOptions = {
  readonly store: KeyStore;
  /** Undefined: the first set that the hub sends is taken. */
  readonly trust: TrustFile | undefined;
  readonly signatures: Signatures;
  readonly emit: Emit;
  readonly log: Log;
  /** @returns whether it is news */
  readonly onFault: (fault: Fault | undefined) => boolean;
  /** Another set counts. @param first there was none before */
  readonly onKeys: (set: KeySet, first: boolean) => void;
};

/** INVARIANT: `set` changes only to one that `acceptKeys` gave, or that the operator's file holds. */
export class KeyRing {
  private readonly options: KeyRingOptions;
  private current: KeySet | undefined;
  private kept: KeptKeys | undefined;
  private isWritten = true;
  private writing: Promise<void> = Promise.resolve();

  constructor(options: KeyRingOptions) {
    this.options = options;
  }

  get set(): KeySet | undefined {
    return this.current;
  }

  async load(): Promise<void> {
    const { store, trust } = this.options;
    const kept = await store.load();
    this.restore(kept);
    if (trust === undefined) return;
    try {
      this.vouch(await trust.read(), trust.path);
    } catch (error) {
      // What serves goes on, and what was trusted before still is.
      if (isAlpharhoError(error)) this.refuse(error);
      else throw error;
    }
  }

  /** A set came from the hub. */
  hear(keys: Keys): void {
    const { trust, signatures, onFault } = this.options;
    try {
      const next = acceptKeys(this.current, keys, signatures);
      if (this.current === undefined && trust !== undefined) {
        throw new AlpharhoError(
          'key_unknown',
          `--trust ${trust.path} was given and counts alone: the key set that the hub sends is not taken`,
        );
      }
      if (next === this.current) this.write();
      else this.follow(next, keys);
      onFault(undefined);
    } catch (error) {
      if (!isAlpharhoError(error)) throw error;
      this.refuse(error);
    }
  }

  async stop(): Promise<void> {
    await this.writing;
  }

  private restore(kept: KeptKeys | undefined): void {
    if (kept === undefined) return;
    try {
      this.current = readKeySet(kept.keys);
      this.kept = kept;
    } catch (error) {
      this.options.log.error(`the key set in the data folder cannot be used: ${String(error)}`);
    }
  }

  private follow(next: KeySet, keys: Keys): void {
    const source = this.current === undefined ? 'it is the first that came, and nothing vouches for it' : 'the set before vouches for it';
    const { anchor } = this.kept ?? {};
    this.pin(next, { v: 1, ...(anchor !== undefined && { anchor }), keys }, source);
  }

  /** The operator's own file: begins anew where it is another one than the set in use came from. */
  private vouch(keys: Keys, path: string): void {
    const { signatures } = this.options;
    const anchor = signatures.sha256(Buffer.from(keys.body));
    if (anchor === this.kept?.anchor) return;
    this.pin(acceptKeys(undefined, keys, signatures), { v: 1, anchor, keys }, `it stands in ${path}`);
  }

  /** @param source who vouches for it */
  private pin(set: KeySet, kept: KeptKeys, source: string): void {
    const { emit, onKeys } = this.options;
    const first = this.current === undefined;
    const firstUse = first && kept.anchor === undefined;
    this.current = set;
    this.kept = kept;
    this.isWritten = false;
    this.write();
    emit({
      id: 'keys.trusted',
      level: firstUse ? 'warning' : 'info',
      message: `key set ${set.version} counts from now on: ${source}`,
      detail: { version: set.version, firstUse },
    });
    onKeys(set, first);
  }

  private write(): void {
    const { kept } = this;
    if (this.isWritten || kept === undefined) return;
    const { store, log } = this.options;
    this.writing = this.writing.then(async () => {
      try {
        await store.save(kept);
        if (this.kept === kept) this.isWritten = true;
      } catch (error) {
        // Tried again when the hub sends the set again, which it does at each connection.
        log.error(`the key set cannot be written, a restart may forget it: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
  }

  private refuse(error: AlpharhoError): void {
    const { emit, onFault } = this.options;
    const { code, message } = error;
    if (onFault(error)) emit({ id: 'keys.refused', level: 'error', message, detail: { code } });
  }
}
