/**
 * What can be dropped at once. The tags of an entry follow from its key: a row's entry has `products:42` (or, by a
 * second unique key, `products.name:Desk`), `products/items` and `*`; a list has `products/lists` and `*`.
 */
export type Tag = string;

export const EVERYTHING: Tag = '*';

/**
 * @param id canonical text of the row's key
 * @param by columns of a second unique key; empty: the first one
 */
export function rowTag(table: string, id: string | number, by: readonly string[] = []): Tag {
  // join(), not a template: V8 keeps the result of a template as a tree of its parts.
  return [by.length === 0 ? table : [table, ...by].join('.'), id].join(':');
}

export const itemsTag = (table: string): Tag => `${table}/items`;
/** Tag of every list of the table, and of answers that depend on the whole table: each change of a row logs it. */
export const listsTag = (table: string): Tag => `${table}/lists`;

/** The table that a tag belongs to; empty for {@link EVERYTHING}. */
export function tableOf(tag: Tag): string {
  return tag === EVERYTHING ? '' : /^[^:/.]*/.exec(tag)![0];
}

/** A tag as its hash: a number in an entry's array. */
export type TagHash = number;

/** The tags of an entry or a load, and the count of invalidations at which it began. */
export interface Stamp {
  /** Grows when a load takes on the tags of the cached values that it used. */
  readonly tags: TagHash[];
  readonly epoch: number;
}

const BUCKET_BITS = 18;
/** Two rows of so many: after 10,000 invalidations one entry in 700 is taken for invalid that is not. */
const BUCKETS = 2 ** BUCKET_BITS;

/**
 * Invalidation in this process, O(1) in the number of entries: it raises the tag's count, and every stamp
 * of the tag from before is invalid from then on, of entries and of loads in flight.
 *
 * The counts stand in a sketch, a bucket of each row for a tag, which takes 4 MB however many tags there are, where a
 * state for each tag would take 200 bytes of each entry. Other tags may raise the same buckets: no invalidation is ever
 * missed, and one too many, which needs both, costs a miss.
 */
export class TagBoard {
  private epoch = 0;
  private readonly first = new Float64Array(BUCKETS);
  private readonly second = new Float64Array(BUCKETS);

  /** To be taken before a load begins. */
  stamp(tags: readonly Tag[]): Stamp {
    return { tags: tags.map(hashOf), epoch: this.epoch };
  }

  isValid({ tags, epoch }: Stamp): boolean {
    for (let i = 0; i < tags.length; i++) {
      const hash = tags[i]!;
      if (this.first[firstBucket(hash)]! > epoch && this.second[secondBucket(hash)]! > epoch) return false;
    }
    return true;
  }

  invalidate(tag: Tag): void {
    const hash = hashOf(tag);
    this.epoch++;
    this.first[firstBucket(hash)] = this.epoch;
    this.second[secondBucket(hash)] = this.epoch;
  }
}

/** FNV-1a of its UTF-16 code units, with MurmurHash3's finish, so that similar tags have different hashes. */
function hashOf(tag: Tag): TagHash {
  let hash = 0x811c9dc5;
  for (let i = 0; i < tag.length; i++) hash = Math.imul(hash ^ tag.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function firstBucket(hash: TagHash): number {
  return hash & (BUCKETS - 1);
}

function secondBucket(hash: TagHash): number {
  return Math.imul(hash, 0x9e3779b1) >>> (32 - BUCKET_BITS);
}
