import type { ParameterObject, SchemaObject } from './types.js';
import { DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET, SEARCH } from '../products/list-products.js';
import { CATEGORY } from '../products/product-input.js';
import { MAX_INTEGER, MAX_PRICE } from '../products/rules.js';
import { SORTS } from '../products/sort.js';

const query = (name: string, description: string, schema: SchemaObject): ParameterObject => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
});
const price: SchemaObject = { type: 'number', minimum: 0, maximum: MAX_PRICE, multipleOf: 0.01 };

export const PRODUCT_ID: ParameterObject = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Id of a product.',
  schema: { type: 'integer', minimum: 1, maximum: MAX_INTEGER },
  example: 1,
};

export const IF_NONE_MATCH: ParameterObject = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'ETags that the client has; if one is current, the answer is 304 without a body.',
  schema: { type: 'string' },
};

export const IF_MATCH: ParameterObject = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'ETags (of any content encoding) or `*`; if none is current, nothing is changed and the answer is 412.',
  schema: { type: 'string' },
};

export const LIST_PARAMETERS: ParameterObject[] = [
  query('limit', 'Products on a page.', { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT }),
  query('offset', 'Products to skip; to go further, use `after`. Not together with `after`.', {
    type: 'integer',
    minimum: 0,
    maximum: MAX_OFFSET,
  }),
  query('after', 'Cursor from the `Link` header of the page before, for the same `sort`.', { type: 'string' }),
  query('category', 'Exactly this category.', { type: 'string', minLength: CATEGORY.min, maxLength: CATEGORY.max }),
  query('search', 'Part of name or description, in any case. White space around it does not count.', {
    type: 'string',
    minLength: SEARCH.min,
    maxLength: SEARCH.max,
  }),
  query('min_price', 'Least price, in plain digits with at most two decimals.', price),
  query('max_price', 'Greatest price; not less than `min_price`.', price),
  query('sort', 'Order; `-` for descending. Names sort by code point, equals by id.', {
    type: 'string',
    enum: [...SORTS],
    default: 'id',
  }),
];

export const PATTERN: ParameterObject = query(
  'pattern',
  '`product:*` all products, `product:42` one, `products:*` all lists, `*` everything, or another glob over keys.',
  { type: 'string', minLength: 1 },
);
