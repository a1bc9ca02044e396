import { cursorOf, type ListProducts } from './list-products.js';
import { PRODUCT_COLUMNS } from './product-json.js';
import { isDescending, type Sort, sortColumn } from './sort.js';

export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/**
 * SQL for a page of the list and one row more, which tells whether there is another page. Every sort is by an index,
 * ends in the unique id (or name), and `after` starts inside that index, however deep the page is.
 */
export function listStatement(query: ListProducts): Statement {
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const conditions: string[] = [];

  if (query.category !== undefined) conditions.push(`category = ${value(query.category)}`);
  if (query.min_price !== undefined) conditions.push(`price >= ${value(query.min_price)}`);
  if (query.max_price !== undefined) conditions.push(`price <= ${value(query.max_price)}`);
  if (query.search !== undefined) {
    const pattern = value(`%${escapeLike(query.search)}%`);
    conditions.push(`(name COLLATE "default" ILIKE ${pattern} OR description ILIKE ${pattern})`);
  }
  const keys = keyColumns(query.sort);
  const cursor = cursorOf(query);
  if (cursor !== null) {
    const place = keys.length === 1 ? [cursor.value] : [cursor.value, cursor.id];
    const comparison = isDescending(query.sort) ? '<' : '>';
    conditions.push(`(${keys.join(', ')}) ${comparison} (${place.map(value).join(', ')})`);
  }
  const direction = isDescending(query.sort) ? ' DESC' : '';
  const clauses = [
    `SELECT ${PRODUCT_COLUMNS} FROM products`,
    conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '',
    `ORDER BY ${keys.map((key) => key + direction).join(', ')}`,
    `LIMIT ${value(query.limit + 1)}`,
    query.offset !== undefined ? `OFFSET ${value(query.offset)}` : '',
  ];
  return { text: clauses.filter((clause) => clause !== '').join(' '), values };
}

/** Names and ids are unique; a price or a time is told apart by the id. */
function keyColumns(sort: Sort): string[] {
  const column = sortColumn(sort);
  return column === 'id' || column === 'name' ? [column] : [column, 'id'];
}

/** `%`, `_` and `\` stand for themselves. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
