import { defineCache } from '../../src/cache/index.js';

export const authorCache = defineCache({ table: 'authors', item: { prefix: 'author' }, list: { prefix: 'authors' } });

export const bookCache = defineCache({
  table: 'books',
  item: { prefix: 'book' },
  list: { prefix: 'books', unbounded: ['q', 'skip'] },
});

export const shelfCache = defineCache({ table: 'shelves', item: { prefix: 'shelf' }, list: { prefix: 'shelves' } });

export const noteCache = defineCache({
  table: 'notes',
  item: { prefix: 'note' },
  list: { prefix: 'notes' },
  warm: { path: '/notes', recent: 'limit=10' },
});

export const copyCache = defineCache({ table: 'copies', item: { prefix: 'copy' }, list: { prefix: 'copies' } });
export const countryCache = defineCache({ table: 'countries', item: { prefix: 'country' }, list: { prefix: 'countries' } });
