import type { SchemaObject } from '../../openapi/types.js';
import { CATEGORY, DESCRIPTION, NAME } from '../product-input.js';
import { MAX_INTEGER, MAX_PRICE } from '../rules.js';

const name: SchemaObject = {
  type: 'string',
  minLength: NAME.min,
  maxLength: NAME.max,
  description: 'Unique. Not only white space; stored exactly as given.',
};
const description: SchemaObject = { type: 'string', nullable: true, maxLength: DESCRIPTION.max };
const price: SchemaObject = {
  type: 'number',
  minimum: 0,
  maximum: MAX_PRICE,
  multipleOf: 0.01,
  description: 'At most two decimals, exact.',
};
const category: SchemaObject = { type: 'string', minLength: CATEGORY.min, maxLength: CATEGORY.max };
const stock: SchemaObject = { type: 'integer', minimum: 0, maximum: MAX_INTEGER };

export const EXAMPLE = {
  id: 1,
  name: 'Robust Glass Chair No. 1',
  description: 'A robust chair of glass.',
  price: 514.95,
  category: 'furniture',
  stock: 254,
  version: 1,
  created_at: '2026-01-31T08:15:30.123Z',
  updated_at: null,
};

const product: SchemaObject = {
  type: 'object',
  required: Object.keys(EXAMPLE),
  properties: {
    id: { type: 'integer', minimum: 1, maximum: MAX_INTEGER },
    name,
    description,
    price,
    category,
    stock,
    version: { type: 'integer', minimum: 1, description: 'Grows by one with each change.' },
    created_at: { type: 'string', format: 'date-time' },
    updated_at: { type: 'string', format: 'date-time', nullable: true, description: 'null until the first change.' },
  },
  example: EXAMPLE,
};

const createProduct: SchemaObject = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'price', 'category'],
  properties: {
    name,
    description: { ...description, default: null },
    price,
    category,
    stock: { ...stock, default: 0 },
  },
  example: { name: 'Oak Reading Lamp', description: 'With a dimmer.', price: 89.5, category: 'lighting', stock: 12 },
};

const updateProduct: SchemaObject = {
  type: 'object',
  additionalProperties: false,
  description: 'Fields left out stay as they are.',
  properties: { name, description, price, category, stock },
  example: { price: 79.9, stock: 11 },
};

export const PRODUCT_SCHEMAS: Record<string, SchemaObject> = {
  Product: product,
  CreateProduct: createProduct,
  UpdateProduct: updateProduct,
};
