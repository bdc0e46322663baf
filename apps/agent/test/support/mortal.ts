/** @file A disk that outlives the agents that use it, and agents whose process can die at any of their writes. */
import { AlpharhoError, type Sha256 } from '@alpharho/protocol';
import type { KeptKeys } from '../../src/domain/kept-keys.ts';
import type { KeptState } from '../../src/domain/kept-state.ts';
import { FakeJournal, FakeKeyStore, FakeStore } from './fake-agent.ts';

/** What becomes of one write. */
export type Fate = 'killed before' | 'killed after' | 'fails' | 'hangs';

/** Which write of which part meets which fate; 0: every one. */
export type Plan = {
  readonly part: 'journal' | 'put' | 'keepOnly' | 'fetch' | 'verify' | 'keys';
  readonly at: number;
  readonly fate: Fate;
};

export type Disk = { journal: KeptState | undefined; keys: KeptKeys | undefined; readonly files: Map<Sha256, Uint8Array> };

const never = <T>(): Promise<T> => new Promise(() => undefined);

/** One process. INVARIANT: once it is dead, nothing of it reaches the disk. */
export class Life {
  readonly disk: Disk;
  dead = false;
  /** How often the plan has struck. */
  struck = 0;
  private readonly plan: Plan | undefined;
  private readonly counts = new Map<string, number>();

  constructor(disk: Disk, plan?: Plan) {
    this.disk = disk;
    this.plan = plan;
  }

  die(): void {
    this.dead = true;
  }

  /** Does the work on the disk, unless the plan says otherwise. */
  async act<T>(part: Plan['part'], work: () => T | Promise<T>): Promise<T> {
    if (this.dead) return never();
    const count = (this.counts.get(part) ?? 0) + 1;
    this.counts.set(part, count);
    const { plan } = this;
    const fate = plan?.part === part && (plan.at === count || plan.at === 0) ? plan.fate : undefined;
    if (fate !== undefined) this.struck += 1;
    if (fate === 'fails') throw new AlpharhoError('disk_full', `${part}: the disk is full`);
    if (fate === 'killed before') this.die();
    if (fate === 'killed before' || fate === 'hangs') return never();
    const result = await work();
    if (fate === 'killed after') this.die();
    return this.dead ? never() : result;
  }
}

export class MortalJournal extends FakeJournal {
  private readonly life: Life;

  constructor(life: Life) {
    super();
    this.life = life;
    this.state = life.disk.journal;
  }

  override save(state: KeptState): Promise<void> {
    return this.life.act('journal', () => {
      this.state = structuredClone(state);
      this.life.disk.journal = this.state;
    });
  }
}

export class MortalKeyStore extends FakeKeyStore {
  private readonly life: Life;

  constructor(life: Life) {
    super();
    this.life = life;
    this.kept = life.disk.keys;
  }

  override save(kept: KeptKeys): Promise<void> {
    return this.life.act('keys', () => {
      this.life.disk.keys = kept;
    });
  }
}

/** A file that is being fetched is no file yet: it becomes one as it is verified. */
export class MortalStore extends FakeStore {
  private readonly life: Life;
  private readonly parts = new Map<Sha256, Uint8Array>();

  constructor(life: Life) {
    super();
    this.life = life;
  }

  override async load(sha256: Sha256): Promise<Uint8Array | undefined> {
    return this.life.disk.files.get(sha256);
  }

  override async fetch(file: { sha256: Sha256; url: URL }, progress: (percent: number) => void, signal: AbortSignal): Promise<void> {
    await super.fetch(file, progress, signal);
    await this.life.act('fetch', () => this.parts.set(file.sha256, Buffer.from(file.sha256)));
  }

  override verify({ sha256 }: { sha256: Sha256 }): Promise<Uint8Array> {
    const { verifyFault } = this;
    if (verifyFault !== undefined) return Promise.reject(verifyFault);
    const { files } = this.life.disk;
    return this.life.act('verify', () => {
      const bytes = files.get(sha256) ?? this.parts.get(sha256) ?? Buffer.from('');
      files.set(sha256, bytes);
      return bytes;
    });
  }

  override put(sha256: Sha256, bytes: Uint8Array): Promise<void> {
    return this.life.act('put', () => void this.life.disk.files.set(sha256, bytes));
  }

  override keepOnly(digests: readonly Sha256[]): Promise<void> {
    const { files } = this.life.disk;
    return this.life.act('keepOnly', () => {
      for (const sha256 of files.keys()) if (!digests.includes(sha256)) files.delete(sha256);
    });
  }
}
