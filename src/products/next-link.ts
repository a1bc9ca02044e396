import { cursorAfter } from './cursor.js';
import type { ListProducts } from './list-products.js';
import { PRODUCTS_PATH } from './path.js';
import type { ProductRow } from './product-json.js';

/** `Link` (RFC 8288) to the page behind `last`: the same list, by cursor instead of offset. */
export function nextLink(query: ListProducts, last: ProductRow): string {
  const parameters = new URLSearchParams();
  for (const name of ['limit', 'category', 'search', 'min_price', 'max_price', 'sort'] as const) {
    const value = query[name];
    if (value !== undefined) parameters.set(name, String(value));
  }
  parameters.set('after', cursorAfter(last, query.sort));
  return `<${PRODUCTS_PATH}?${parameters.toString()}>; rel="next"`;
}
