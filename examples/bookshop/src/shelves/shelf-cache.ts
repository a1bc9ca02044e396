import { defineCache } from 'starkpulse-caching/cache'; // cache

export const shelfCache = defineCache({ table: 'shelves', item: { prefix: 'shelf' } }); // cache
