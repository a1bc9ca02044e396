import { defineCache } from 'starkpulse-caching/cache'; // cache

export const authorCache = defineCache({ table: 'authors', item: { prefix: 'author' } }); // cache
