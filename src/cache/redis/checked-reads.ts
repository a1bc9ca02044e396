import type { Redis } from 'ioredis';
import { gatherWrites } from './gather-writes.js';
import { Script } from './script.js';

const CHECK = new Script(`
  local data = redis.call('INFO', 'replication')
  if ARGV[1] ~= '' and string.match(data, 'master_replid:(%w+)') ~= ARGV[1] or not string.match(data, 'role:master') then
    return redis.error_reply('IDENTITY this is another server than before')
  end
  return 1
`);

/** What Redis answers in one go, while others wait. */
const MAX_KEYS = 1_000;

/** Reads that go out together: each key's place in the answer. */
interface Turn {
  readonly client: Redis;
  readonly places: Map<string, number>;
  readonly values: Promise<(Buffer | null)[]>;
}

/**
 * Reads of one turn of the event loop in one command, and behind it, on the same connection, one look whether the data
 * is still of the lineage that is trusted. A server that has lost it never gets it back (being promoted makes a new
 * one), so a server that has it after the reads had it during them. Not for a cluster, where two commands may go to two nodes.
 */
export class CheckedReads {
  private turn: Turn | undefined;

  constructor(
    /** Of the data that was inspected last. */
    private readonly lineage: () => string,
  ) {}

  async read(client: Redis, keys: readonly string[]): Promise<(Buffer | null)[]> {
    const turn = this.turn?.client === client ? this.turn : this.open(client);
    const places = keys.map((key) => placeOf(key, turn));
    if (turn.places.size >= MAX_KEYS) this.turn = undefined;
    const values = await turn.values;
    return places.map((place) => values[place]!);
  }

  private open(client: Redis): Turn {
    const places = new Map<string, number>();
    const values = new Promise<(Buffer | null)[]>((resolve, reject) => {
      gatherWrites(client, () => {
        if (this.turn === turn) this.turn = undefined;
        const reading = client.mgetBuffer([...places.keys()]);
        const checking = CHECK.run(client, [], [this.lineage()]);
        Promise.all([reading, checking]).then(([read]) => resolve(read), reject);
      });
    });
    const turn = { client, places, values };
    this.turn = turn;
    return turn;
  }
}

function placeOf(key: string, { places }: Turn): number {
  let place = places.get(key);
  if (place === undefined) places.set(key, (place = places.size));
  return place;
}
