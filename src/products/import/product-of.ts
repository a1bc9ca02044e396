import type { RowKind } from '../../rows/row.js';
import { textFault } from '../../problems/text.js';
import { CATEGORY, DESCRIPTION, NAME } from '../product-input.js';
import { priceFault, stockFault } from '../rules.js';
import type { NewProduct } from '../sample.js';

/** For the readers of files. */
export const PRODUCT_ROWS: RowKind = { plural: 'products', named: ['name', 'title'] };

interface Given {
  readonly fields: Readonly<Record<string, unknown>>;
  /** Whether all values are text, as in CSV: then numbers are written in digits, and nothing means that it is absent. */
  readonly text: boolean;
}

/**
 * The product that a row of a file describes, by the rules of the API: name (or `title`), price and category must be
 * there; without a description it is null, without a stock 0. Other fields are ignored. Or what is wrong with it.
 */
export function productOf(given: Given): { product: NewProduct } | { fault: string } {
  const name = valueOf(given, 'name') ?? valueOf(given, 'title');
  const description = valueOf(given, 'description') ?? null;
  const price = numberOf(given, 'price', /^-?\d{1,15}(\.\d{1,15})?$/);
  const category = valueOf(given, 'category');
  const stock = valueOf(given, 'stock') === undefined ? 0 : numberOf(given, 'stock', /^-?\d{1,15}$/);

  const faults = [
    required('name', name, (value) => textFault(value, NAME)),
    description === null ? null : fault('description', textFault(description, DESCRIPTION)),
    required('price', price, priceFault),
    required('category', category, (value) => textFault(value, CATEGORY)),
    fault('stock', stockFault(stock)),
  ].filter((text) => text !== null);
  if (faults.length > 0) return { fault: faults.join('; ') };
  return {
    product: {
      name: name as string,
      description: description as string | null,
      price: (price as number).toFixed(2),
      category: category as string,
      stock: stock as number,
    },
  };
}

/** Undefined where the field is absent; inherited ones are. */
function valueOf({ fields, text }: Given, field: string): unknown {
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined;
  return text && value === '' ? undefined : value;
}

/** Of text, the number where it is written as `digits` says; anything else stays what it is, to be refused. */
function numberOf(given: Given, field: string, digits: RegExp): unknown {
  const value = valueOf(given, field);
  if (!given.text || typeof value !== 'string') return value;
  const written = value.trim();
  return digits.test(written) ? Number(written) : value;
}

function required(field: string, value: unknown, faultOf: (value: unknown) => string | null): string | null {
  return value === undefined ? `${field} is missing` : fault(field, faultOf(value));
}

function fault(field: string, text: string | null): string | null {
  return text === null ? null : `${field} ${text}`;
}
