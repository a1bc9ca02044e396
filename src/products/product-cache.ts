import { defineCache } from '../cache/index.js';
import { PRODUCTS_PATH } from './path.js';

/** Products behind the cache: single ones as `product:42`, lists as `products:<query>`. */
export const productCache = defineCache({
  table: 'products',
  item: { prefix: 'product', lifetime: 'default' },
  list: { prefix: 'products', lifetime: 'short', unbounded: ['search', 'offset'] },
  warm: { path: PRODUCTS_PATH, pages: 3, recent: 'sort=-created_at&limit=50', popular: 50 },
});
