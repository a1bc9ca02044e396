import type { Acknowledgements } from './acknowledgements.js';
import type { Definitions } from '../definitions.js';
import type { Emit, Layer } from '../events.js';
import type { Applier, LogReader } from './log-reader.js';
import type { DatabaseIdentity, LocalLayer, LogRow, PeerBus, PeerMessage } from './ports.js';
import type { SharedCache } from './shared-cache.js';
import { EVERYTHING, type Tag } from '../tags.js';

/** Rows that peers told of are remembered until the log shows them; forgetting one costs one more renewal. */
const MAX_TOLD = 10_000;

export interface InvalidatorParts {
  readonly memberId: string;
  readonly definitions: Definitions;
  readonly local: LocalLayer;
  readonly shared: SharedCache | undefined;
  readonly bus: PeerBus | undefined;
  readonly acknowledgements: Acknowledgements;
  readonly emit: Emit;
}

/**
 * Applies rows of the log: first the tokens in the shared cache, then this process's memory and its loads in
 * flight, then the peers. (Memory first would let a reader in between refill it from the old shared entry.)
 */
export class Invalidator implements Applier {
  /** Row to the trust in the shared cache under which it was told and applied. */
  private readonly told = new Map<number, number>();
  private reader: LogReader | undefined;

  constructor(private readonly parts: InvalidatorParts) {
    parts.bus?.onMessage((message) => this.hear(message));
  }

  /** The reader that is asked when a peer's message is not enough. */
  listenFor(reader: LogReader): void {
    this.reader = reader;
  }

  async applyRows(rows: readonly LogRow[], database: DatabaseIdentity): Promise<void> {
    const { shared, memberId, emit } = this.parts;
    const trust = shared?.trust;
    const news = rows.filter((row) => trust === undefined || this.told.get(row.id) !== trust);
    for (const row of rows) this.told.delete(row.id);
    if (news.length === 0) return;

    const tags = [...new Set(news.flatMap((row) => row.tags))];
    const renewed = shared ? await shared.renew(tags) : false;
    this.dropFromMemory(news);
    this.emitDeletes(tags, renewed ? ['memory', 'redis'] : ['memory']);
    emit({ type: 'applied', rows: news.length, tags: tags.length, source: 'log' });

    const identity = shared?.identity;
    if (renewed && identity !== undefined) {
      this.publish({ type: 'told', from: memberId, database, shared: identity, rows: news });
    } else {
      // Applied here; an instance that trusts the shared cache has to renew its tokens first.
      this.publish({ type: 'applied', from: memberId, database, rows: news.map((row) => row.id) });
      this.publish({ type: 'wake', from: memberId });
    }
  }

  async applyEverything(reason: 'uncovered' | 'database-changed'): Promise<void> {
    const { shared, acknowledgements } = this.parts;
    this.told.clear();
    if (reason === 'database-changed') {
      acknowledgements.clear();
      shared?.databaseChanged();
    } else {
      await shared?.renew([EVERYTHING]);
    }
    this.startEmpty();
  }

  startEmpty(): void {
    this.parts.local.clear();
  }

  private hear(message: PeerMessage): void {
    const { memberId, acknowledgements } = this.parts;
    if (message.from === memberId || !this.reader) return;
    switch (message.type) {
      case 'told':
        return this.hearTold(message);
      case 'applied':
        if (message.database === this.reader.database) acknowledgements.record(message.from, message.rows);
        return;
      case 'wake':
        this.readLog();
        return;
      default:
        message satisfies never;
    }
  }

  private hearTold({ from, database, shared, rows }: PeerMessage & { type: 'told' }): void {
    const { memberId, acknowledgements, emit } = this.parts;
    const trust = this.parts.shared?.trust;
    if (database !== this.reader!.database) return this.readLog();
    const ids = rows.map((row) => row.id);
    acknowledgements.record(from, ids);
    // Renewed in a server that is not the one trusted here: read the log, and renew before acknowledging.
    if (trust === undefined || shared !== this.parts.shared?.identity) return this.readLog();
    for (const id of ids) this.told.set(id, trust);
    this.forgetOldest();
    this.dropFromMemory(rows);
    const tags = [...new Set(rows.flatMap((row) => row.tags))];
    this.emitDeletes(tags, ['memory']);
    emit({ type: 'applied', rows: rows.length, tags: tags.length, source: 'peer' });
    this.publish({ type: 'applied', from: memberId, database, rows: ids });
  }

  private dropFromMemory(rows: readonly LogRow[]): void {
    const { local } = this.parts;
    for (const { tags, glob } of rows) {
      local.invalidate(tags);
      if (glob !== null) local.dropMatching(glob);
    }
  }

  /** A tag renewed is a delete of all that hangs on it, however much that is. */
  private emitDeletes(tags: readonly Tag[], layers: readonly Layer[]): void {
    for (const tag of tags) {
      for (const { cache, prefix } of this.parts.definitions.partitionsOf(tag)) {
        for (const layer of layers) this.parts.emit({ type: 'delete', layer, cache, prefix, count: 1 });
      }
    }
  }

  private forgetOldest(): void {
    for (const id of this.told.keys()) {
      if (this.told.size <= MAX_TOLD) return;
      this.told.delete(id);
    }
  }

  private publish(message: PeerMessage): void {
    this.parts.bus?.publish(message);
  }

  private readLog(): void {
    // A call that fails has said so itself, and the next one comes by itself.
    this.reader?.fresh().catch(() => undefined);
  }
}
