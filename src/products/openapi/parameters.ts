import type { ParameterObject, SchemaObject } from '../../openapi/types.js';
import { query } from '../../openapi/parameters.js';
import { DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET, SEARCH } from '../list-products.js';
import { CATEGORY } from '../product-input.js';
import { MAX_INTEGER, MAX_PRICE } from '../rules.js';
import { SORTS } from '../sort.js';

const price: SchemaObject = { type: 'number', minimum: 0, maximum: MAX_PRICE, multipleOf: 0.01 };

export const PRODUCT_ID: ParameterObject = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Id of a product.',
  schema: { type: 'integer', minimum: 1, maximum: MAX_INTEGER },
  example: 1,
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
