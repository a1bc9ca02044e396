import type { PGlite } from '@electric-sql/pglite';

type ServedDatabase = Pick<PGlite, 'waitReady' | 'isInTransaction' | 'runExclusive' | 'execProtocolRawStream' | 'exec'>;

const SYNC = Uint8Array.of(0x53, 0, 0, 0, 4);
/** Parse, Bind, Describe, Execute, Close, Flush: the extended protocol up to its Sync. */
const EXTENDED = new Set([...'PBDECH'].map((letter) => letter.charCodeAt(0)));

/**
 * PGlite as `PGLiteSocketServer` should see it. The server queues single protocol messages and lets other clients in
 * between them unless a transaction is open, but a parametrised query is several messages (Parse, Bind, Execute, Sync)
 * over one unnamed statement: where they do not arrive in one piece (over about 64 KB), another client's statement is
 * executed with this one's parameters. So a sequence that has begun counts as a transaction until its Sync. Also
 * nothing here throws, since a message that throws stops the server's queue for good, and nothing waits for a later
 * turn of the event loop, so that no client can vanish between two steps of one message.
 */
export class OneSession {
  private inSequence = false;

  constructor(private readonly database: PGlite) {}

  /** As the server wants it; it asks for a whole PGlite and uses these five members. */
  get served(): PGlite {
    return this as ServedDatabase as PGlite;
  }

  get waitReady(): Promise<void> {
    return this.database.waitReady;
  }

  isInTransaction(): boolean {
    return this.inSequence || this.database.isInTransaction();
  }

  /** The server asks for one thing at a time, and nothing else uses this PGlite. */
  runExclusive<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  async execProtocolRawStream(message: Uint8Array, { onRawData }: { onRawData: (data: Uint8Array) => void }): Promise<void> {
    const type = message[0] ?? 0;
    try {
      await this.database.execProtocolRawStream(message, { onRawData, syncToFs: false });
      if (EXTENDED.has(type)) this.inSequence = true;
      else if (type !== 0) this.inSequence = false;
    } catch (error) {
      onRawData(errorResponse(error));
      this.inSequence = false;
    }
  }

  /** The server calls this when a client has gone, with a ROLLBACK: what it had begun is ended here. */
  async exec(statement: string): Promise<[]> {
    if (this.inSequence) {
      await this.execProtocolRawStream(SYNC, { onRawData: () => undefined });
      this.inSequence = false;
    }
    if (this.database.isInTransaction()) {
      await this.execProtocolRawStream(query(statement), { onRawData: () => undefined });
    }
    return [];
  }
}

function query(statement: string): Uint8Array {
  const text = Buffer.from(statement + '\0');
  const head = Buffer.alloc(5);
  head.write('Q');
  head.writeInt32BE(text.length + 4, 1);
  return Buffer.concat([head, text]);
}

/** ErrorResponse, FATAL, 08P01 (protocol violation): `pg` gives the connection up. */
function errorResponse(error: unknown): Uint8Array {
  const message = error instanceof Error ? error.message.slice(0, 200) : 'the embedded database failed';
  const fields = Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${message.replaceAll('\0', '')}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
