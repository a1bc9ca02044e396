import type { Derived, Entry } from '../core/entry.js';
import type { Hold, TagHash } from '../core/tags.js';
import { Tokens } from '../core/tokens.js';

/** Where a body begins in an arena. */
export type Place = number;

/** Milliseconds since then fit into a field, for 24 days; those of the wall clock are each an object. */
const BEGAN_AT = Date.now();

/** An entry in as little memory as may be: numbers that fit into a field, and nothing that another entry holds, too. */
export class HeldEntry {
  readonly meta: Entry['meta'];
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly derived: Derived | undefined;
  private readonly tokensAsText: string | undefined;
  private readonly storedSinceBegin: number;
  private readonly firstTag: TagHash | undefined;
  private readonly epoch: number;

  /** @param otherTags all but the first: they are the same for all entries of a partition, in one array */
  constructor(
    { meta, storedAt, freshUntil, staleUntil, tokens, hold, derived }: Entry,
    readonly body: Buffer | Place,
    readonly bodyBytes: number,
    private readonly otherTags: readonly TagHash[],
  ) {
    this.meta = meta;
    this.storedSinceBegin = Math.floor(storedAt) - BEGAN_AT;
    this.freshUntil = Math.floor(freshUntil);
    this.staleUntil = Math.floor(staleUntil);
    this.tokensAsText = tokens?.text;
    this.firstTag = hold.tags[0];
    this.epoch = hold.epoch;
    this.derived = derived;
  }

  get storedAt(): number {
    return BEGAN_AT + this.storedSinceBegin;
  }

  get tokens(): Entry['tokens'] {
    return this.tokensAsText === undefined ? undefined : new Tokens(this.tokensAsText);
  }

  /** Of what it alone holds, beside its body and its fields. */
  get ownBytes(): number {
    return (this.derived?.bytes ?? 0) + (this.tokensAsText?.length ?? 0);
  }

  get hold(): Hold {
    return { tags: this.firstTag === undefined ? [] : [this.firstTag, ...this.otherTags], epoch: this.epoch };
  }
}

/** What is given of it: complete, whatever becomes of the place where its body stands. */
export class GivenEntry implements Entry {
  constructor(
    private readonly held: HeldEntry,
    readonly text: string | undefined,
  ) {}

  get body(): Buffer {
    return this.text === undefined ? (this.held.body as Buffer) : Buffer.from(this.text, 'latin1');
  }

  get meta(): Entry['meta'] {
    return this.held.meta;
  }

  get storedAt(): number {
    return this.held.storedAt;
  }

  get freshUntil(): number {
    return this.held.freshUntil;
  }

  get staleUntil(): number {
    return this.held.staleUntil;
  }

  get tokens(): Entry['tokens'] {
    return this.held.tokens;
  }

  get hold(): Hold {
    return this.held.hold;
  }

  get derived(): Derived | undefined {
    return this.held.derived;
  }
}
