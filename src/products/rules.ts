import { registerDecorator, ValidateIf } from 'class-validator';

/** The greatest id, stock and version: a PostgreSQL `integer`. */
export const MAX_INTEGER = 2_147_483_647;
export const MAX_PRICE = 9_999_999_999.99;

/** Leaves a field that was left out alone, but not one that is null. */
export function IfGiven(): PropertyDecorator {
  return ValidateIf((_dto, value) => value !== undefined);
}

/** What is wrong with a value, given the object that it is part of, or null. */
export type Fault = (value: unknown, object: object) => string | null;

/** Validates a field of a DTO by what {@link Fault} says. */
export function Rule(name: string, fault: Fault): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown, args) => fault(value, args?.object ?? {}) === null,
        defaultMessage: (args) => fault(args?.value, args?.object ?? {}) ?? 'is not accepted',
      },
    });
  };
}

/** A JSON number from 0 to 9,999,999,999.99 with at most two decimals. `1e-7` has seven, and 0.1 + 0.2 has seventeen. */
export function priceFault(value: unknown): string | null {
  if (typeof value !== 'number') return 'must be a number';
  if (!(value >= 0 && value <= MAX_PRICE)) return `must be between 0 and ${MAX_PRICE}`;
  return Number(value.toFixed(2)) === value ? null : 'must have at most two decimals';
}

/** A JSON number without decimals from 0 to 2,147,483,647. */
export function stockFault(value: unknown): string | null {
  if (typeof value !== 'number' || !Number.isInteger(value)) return 'must be an integer';
  return value >= 0 && value <= MAX_INTEGER ? null : `must be between 0 and ${MAX_INTEGER}`;
}

/** Digits of a query string as a number; anything else (`1e3`, `+1`, ` 1`, `01`, ``) stays what it is, to be refused. */
export function integerOfQuery(value: unknown): unknown {
  return typeof value === 'string' && /^-?(0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
}

/** `12`, `12.5` or `12.50` of a query string as a number; anything else stays what it is, to be refused. */
export function priceOfQuery(value: unknown): unknown {
  return typeof value === 'string' && /^-?(0|[1-9]\d{0,14})(\.\d{1,2})?$/.test(value) ? Number(value) : value;
}

/** An integer of a query string within bounds. `beyond` says what else to do where `max` is passed. */
export function integerFault(min: number, max: number, beyond = ''): Fault {
  return (value) => {
    if (Array.isArray(value)) return 'must be given once';
    if (typeof value !== 'number') return 'must be an integer in plain digits';
    return value >= min && value <= max ? null : `must be between ${min} and ${max}${value > max ? beyond : ''}`;
  };
}

export function queryPriceFault(value: unknown): string | null {
  if (Array.isArray(value)) return 'must be given once';
  return typeof value === 'number' ? priceFault(value) : 'must be a decimal number with at most two decimals';
}
