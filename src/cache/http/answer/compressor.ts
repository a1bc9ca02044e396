import { Injectable } from '@nestjs/common';
import type { Entry } from '../../core/entry.js';
import { CacheRuntime } from '../../runtime/runtime.js';
import { type Coding, codingFor, encode, isCodable } from './coding.js';
import { etagIn, type Resource, type ResourceMeta } from './resource.js';

/** A request's header. */
type AcceptEncoding = string | string[] | undefined;
type CodedBodies = Partial<Readonly<Record<Coding, Buffer | string>>>;

/** Each body is compressed once for each coding, when it is first asked for, and kept beside the plain bytes. */
@Injectable()
export class Compressor {
  /** By key and coded ETag: a body that is kept as text is given as copies, each another object. */
  private readonly underWay = new Map<string, Promise<Buffer>>();

  constructor(private readonly runtime: CacheRuntime) {}

  /** At once, or undefined: it has yet to be compressed. */
  ready(accepted: AcceptEncoding, entry: Entry): Resource | undefined {
    const { meta, derived } = entry;
    const plain = plainOf(meta as ResourceMeta, entry.text ?? entry.body);
    const coding = plain.varies ? codingFor(accepted) : 'identity';
    if (coding === 'identity') return plain;
    const coded = (derived as CodedBodies | undefined)?.[coding];
    return coded === undefined ? undefined : { ...plain, body: coded, coding };
  }

  /** The body of the entry in a coding that was {@link ready} for it before. */
  bodyOf(entry: Entry, coding: Coding): Buffer | string | undefined {
    return coding === 'identity' ? (entry.text ?? entry.body) : (entry.derived as CodedBodies | undefined)?.[coding];
  }

  /** @param key where the body stands in the cache, if it still does */
  async select(accepted: AcceptEncoding, key: string, meta: ResourceMeta, body: Buffer): Promise<Resource> {
    const plain = plainOf(meta, body);
    const coding = plain.varies ? codingFor(accepted) : 'identity';
    if (coding === 'identity') return plain;
    const kept = this.runtime.instance.cache.derived(key, body) as CodedBodies | undefined;
    return { ...plain, body: kept?.[coding] ?? (await this.make({ meta, coding }, key, body)), coding };
  }

  private make(
    { meta, coding }: { meta: ResourceMeta; coding: Exclude<Coding, 'identity'> },
    key: string,
    body: Buffer,
  ): Promise<Buffer> {
    const name = `${key} ${etagIn({ meta, coding })}`;
    let making = this.underWay.get(name);
    if (!making) {
      const coded = encode(body, coding).then((bytes) => this.keep(coding, key, body, bytes));
      making = coded.finally(() => this.underWay.delete(name));
      this.underWay.set(name, making);
    }
    return making;
  }

  private keep(coding: Coding, key: string, body: Buffer, bytes: Buffer): Buffer {
    const { cache } = this.runtime.instance;
    cache.keepDerived(key, body, { ...cache.derived(key, body), [coding]: bytes });
    return bytes;
  }
}

function plainOf(meta: ResourceMeta, body: Buffer | string): Resource {
  return { meta, body, coding: 'identity', varies: meta.status === 200 && isCodable(body) };
}
