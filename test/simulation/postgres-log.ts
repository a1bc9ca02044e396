import type { InvalidationLog, LogRead, Position, Snapshot } from '../../src/cache/core/protocol/ports.js';
import type { Postgres } from './postgres.js';
import type { SimProcess } from './process.js';

/** The invalidation log over the simulated database, statement by statement as the adapter's SQL. */
export class SimLog implements InvalidationLog {
  constructor(
    private readonly database: Postgres,
    private readonly process: SimProcess,
    /** Told the last commit visible to each read of new rows. */
    private readonly onRead: (read: LogRead, lastCommit: number) => void,
  ) {}

  now(): Promise<Position> {
    return this.database.request(this.process, 'reader', 'log:now', ({ identity, snapshot }) => ({ identity, snapshot }));
  }

  register({ id, leaseMs, applied }: { id: string; leaseMs: number; applied: Position }): Promise<string> {
    return this.database.request(this.process, 'reader', 'log:register', (server) => {
      if (server.identity === applied.identity) server.register(id, leaseMs, applied.snapshot);
      return server.identity;
    });
  }

  async read(memberId: string, since: Snapshot): Promise<LogRead> {
    let lastCommit = 0;
    const read = await this.database.request(this.process, 'reader', 'log:read', (server) => {
      lastCommit = server.lastCommit;
      return server.read(memberId, since, this.database.longestLeaseMs);
    });
    this.onRead(read, lastCommit);
    return read;
  }

  leave(memberId: string): Promise<void> {
    return this.database.request(this.process, 'reader', 'log:leave', (server) => {
      server.members.delete(memberId);
    });
  }

  prune(): Promise<void> {
    return this.database.request(this.process, 'reader', 'log:prune', (server) => server.prune());
  }
}
