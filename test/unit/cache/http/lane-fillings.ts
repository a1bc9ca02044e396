import type { LaneRoute } from '../../../../src/cache/http/lane/lane-route.js';
import { LaneTargets } from '../../../../src/cache/http/lane/lane-targets.js';
import { PreparedAnswer } from '../../../../src/cache/http/lane/prepared-answer.js';
import { headerList } from '../../../../src/cache/http/lane/quick-answer.js';
import { Variations } from '../../../../src/cache/http/routes/variation.js';
import { MemoryStore } from '../../../../src/cache/memory/memory-store.js';
import { defineCache } from '../../../../src/cache/core/definition.js';
import type { Filling } from '../../../support/process-memory.js';

const { list } = defineCache({ table: 'shelves', item: { prefix: 'shelf' }, list: { prefix: 'shelves' } });
/** As far as the lane's memory looks at it. */
const route = { start: undefined, cached: { variations: new Variations() } } as unknown as LaneRoute;
const common = headerList(['Server', 'test']);

/** An entry for each URL, and its prepared answer. @param urls so many */
function prepareFor(urls: number, linkLength: number, bodyLength: number) {
  return (maxBytes: number) => {
    const store = new MemoryStore(maxBytes);
    const targets = new LaneTargets();
    for (let i = 0; i < urls; i++) {
      const link = Buffer.alloc(linkLength, `${i} abcdefghijklmnopqrstuvwxyz`).toString('latin1');
      const meta = { status: 200, head: ['content-type', 'application/json', 'etag', `"${i}"`, 'link', link] };
      const key = ['r', 'shelves', `skip=${i}@Shelves.list`].join(':');
      const body = Buffer.alloc(bodyLength);
      const times = { storedAt: 0, freshUntil: 0, staleUntil: 0 };
      store.set(key, { body, meta, ...times, tokens: undefined, stamp: { tags: [i], epoch: 0 } });
      const resource = { meta, body, coding: 'identity', varies: false } as const;
      const prepared = new PreparedAnswer(store.get(key)!, 'gzip, br', resource, common, 'public', 'hit');
      targets.keep(`/shelves?skip=${i}`, {}, { route, subject: { partition: list, key, tags: [list.tag, '*'] } }, [prepared]);
    }
    return { bytes: store.bytes, store, targets };
  };
}

/** Each fills the fast lane's memory of URLs, with more of them than it can hold. */
export const FILLINGS = {
  'heads of 10 KB': prepareFor(2_000, 10_000, 100),
  'heads of 100 bytes': prepareFor(20_000, 100, 100),
  'answers whose entries were evicted': prepareFor(2_000, 100, 60_000),
} satisfies Record<string, Filling>;
