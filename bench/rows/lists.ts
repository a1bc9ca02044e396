import 'reflect-metadata';
import { query } from '../../test/support/database.js';
import { cursorAfter } from '../../src/products/cursor.js';
import { ListProducts } from '../../src/products/list-products.js';
import { listStatement } from '../../src/products/list-query.js';
import { PRODUCT_COLUMNS, type ProductRow } from '../../src/products/product-json.js';
import { type Sort, sortColumn } from '../../src/products/sort.js';
import { type Figure, ratios } from '../run/figure.js';
import type { Ground, Sample } from '../run/ground.js';
import type { Contender } from '../run/contender.js';
import type { Row } from '../run/row.js';
import { named } from './hit.js';

const PAGES = 10_000;
const DEEP_SORTS: readonly Sort[] = ['id', 'name', 'price', 'created_at'];
/** Each filter alone and what goes together, from the rare to what a tenth of all products have. */
const FILTERED: readonly Partial<ListProducts>[] = [
  { search: 'oak' },
  { search: 'walnut lantern' },
  { search: 'No. 77777' },
  { search: 'lantern', category: 'lighting' },
  { search: 'steel', sort: '-price' },
  { category: 'garden' },
  { category: 'garden', sort: '-price' },
  { category: 'garden', sort: 'name' },
  { category: 'garden', min_price: 10, max_price: 20, sort: 'price' },
  { min_price: 100, max_price: 101 },
  { max_price: 3, sort: 'price' },
  { min_price: 900 },
];

/** A million products: however deep the page, whatever the filter, an index leads there. */
export const lists: Row = {
  name: 'lists',
  async measure(ground) {
    const { million } = ground.scale;
    const url = await ground.catalogue(million);
    // With a cache, only the first of many requests would ask the database.
    const server = await ground.uncached(url);
    const figures: Figure[] = [];
    const samples: Record<string, readonly object[]> = {};
    for (const sort of DEEP_SORTS) {
      const { figure, taken } = await deepAgainstFirst(ground, server, url, sort);
      figures.push(figure);
      Object.assign(samples, named(`sort=${sort}`, taken));
    }
    const plans: Explained[] = [];
    for (const filters of FILTERED) plans.push(await explain(url, filters));
    figures.push({
      what: `search, category and price filters on ${million.toLocaleString('en')} products`,
      against: '',
      unit: 'sequential scans in EXPLAIN',
      target: { atMost: 0 },
      rounds: plans.map(({ scans }) => scans.filter((scan) => scan === 'Seq Scan').length),
      take: 'greatest',
    });
    return { figures, samples: { ...samples, plans } };
  },
};

async function deepAgainstFirst(ground: Ground, server: Contender, url: string, sort: Sort) {
  const { million, writes } = ground.scale;
  const limit = Math.ceil(million / PAGES);
  const column = sortColumn(sort);
  const order = column === 'id' || column === 'name' ? column : `${column}, id`;
  const [last] = await query(url, `SELECT ${PRODUCT_COLUMNS} FROM products ORDER BY ${order} OFFSET $1 LIMIT 1`, [
    million - limit - 1,
  ]);
  const first = `/api/v1/products?limit=${limit}&sort=${sort}`;
  const paths = { deep: `${first}&after=${cursorAfter(last as unknown as ProductRow, sort)}`, first };
  const turn = (path: string): Promise<Sample> => ground.load(server, [{ path }], { requests: writes, connections: 1 });
  const taken: Record<'deep' | 'first', Sample[]> = { deep: [], first: [] };
  for (const path of Object.values(paths)) await turn(path);
  for (let round = 0; round < ground.scale.rounds; round++) {
    ground.say(`sort=${sort}: round ${round + 1} of ${ground.scale.rounds}`);
    for (const page of ['deep', 'first'] as const) taken[page].push(await turn(paths[page]));
  }
  const figure: Figure = {
    what: `page ${PAGES.toLocaleString('en')} of ${million.toLocaleString('en')} products by cursor, sort=${sort}`,
    against: 'page 1',
    unit: '× p50',
    target: { atMost: 1.3 },
    rounds: ratios(taken.deep, taken.first, (sample) => sample.latencyMs.p50),
  };
  return { figure, taken };
}

interface Explained {
  readonly filters: Partial<ListProducts>;
  readonly milliseconds: number;
  readonly scans: readonly string[];
  readonly indexes: readonly string[];
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** How PostgreSQL reads the table for such a list, and how long that takes. */
async function explain(url: string, filters: Partial<ListProducts>): Promise<Explained> {
  const { text, values } = listStatement(Object.assign(new ListProducts(), filters));
  const [row] = await query(url, `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
  const [{ Plan: plan, 'Execution Time': milliseconds }] = row!['QUERY PLAN'] as [{ Plan: PlanNode; 'Execution Time': number }];
  const nodes = flat(plan).filter((node) => node['Node Type'].includes('Scan'));
  return {
    filters,
    milliseconds,
    scans: nodes.map((node) => node['Node Type']),
    indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
  };
}

function flat(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flat)];
}
