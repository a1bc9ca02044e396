import { defineCache } from 'starkpulse-caching/cache'; // cache

export const bookCache = defineCache({ table: 'books', item: { prefix: 'book' }, list: { unbounded: ['q', 'skip'] } }); // cache
