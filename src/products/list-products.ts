import { Transform } from 'class-transformer';
import { IsIn } from 'class-validator';
import { IsText } from '../problems/index.js';
import { type Cursor, parseCursor } from './cursor.js';
import { CATEGORY } from './product-input.js';
import { IfGiven, integerFault, integerOfQuery, priceOfQuery, queryPriceFault, Rule } from './rules.js';
import { SORTS, type Sort } from './sort.js';

export const MAX_LIMIT = 1000;
export const DEFAULT_LIMIT = 100;
/** The database walks over what it skips; `after` goes straight to its place. */
export const MAX_OFFSET = 10_000;
export const SEARCH = { min: 3, max: 100 };

/** Query string of `GET /products`. Two query strings that mean the same become equal instances. */
export class ListProducts {
  @Transform(({ value }) => integerOfQuery(value))
  @Rule('limit', integerFault(1, MAX_LIMIT))
  limit: number = DEFAULT_LIMIT;

  /** Rows to skip; 0 is the same as none. Not together with `after`. */
  @IfGiven()
  @Transform(({ value }) => nothingForZero(integerOfQuery(value)))
  @Rule('offset', integerFault(0, MAX_OFFSET, '; use the cursor `after` of the Link header to go further'))
  offset?: number;

  /** The cursor of a `Link` header, made for the same `sort`. */
  @IfGiven()
  @Rule('after', afterFault)
  after?: string;

  /** Exactly this category. */
  @IfGiven()
  @IsText(CATEGORY)
  category?: string;

  /** Part of name or description in any case; surrounding white space does not count. At least 3 characters. */
  @IfGiven()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsText(SEARCH)
  search?: string;

  @IfGiven()
  @Transform(({ value }) => priceOfQuery(value))
  @Rule('min_price', queryPriceFault)
  min_price?: number;

  @IfGiven()
  @Transform(({ value }) => priceOfQuery(value))
  @Rule('max_price', maxPriceFault)
  max_price?: number;

  @IsIn(SORTS, { message: `must be one of ${SORTS.join(', ')}` })
  sort: Sort = 'id';
}

/** The place that `after` names, or null. */
export function cursorOf(query: ListProducts): Cursor | null {
  return query.after === undefined ? null : parseCursor(query.after);
}

function afterFault(value: unknown, object: object): string | null {
  const { sort, offset } = object as ListProducts;
  if (Array.isArray(value)) return 'must be given once';
  const cursor = typeof value === 'string' ? parseCursor(value) : null;
  if (cursor === null) return 'is not a cursor of this list; take it from a Link header';
  if (cursor.sort !== sort) return `is a cursor for sort=${cursor.sort}`;
  return offset === undefined ? null : 'cannot be combined with offset';
}

function maxPriceFault(value: unknown, object: object): string | null {
  const least = (object as ListProducts).min_price;
  const fault = queryPriceFault(value);
  if (fault !== null || typeof least !== 'number') return fault;
  return (value as number) >= least ? null : 'must not be less than min_price';
}

function nothingForZero(value: unknown): unknown {
  return value === 0 ? undefined : value;
}
