import { Type } from 'class-transformer';
import { IsInt, ValidateNested } from 'class-validator';
import { InvalidProblem, MalformedProblem, validateDto } from '../../../src/problems/index.js';

class Row {
  @IsInt()
  count: number;
}

class Order {
  @IsInt()
  id: number;

  @ValidateNested({ each: true })
  @Type(() => Row)
  rows: Row[];
}

function errorsOf(value: unknown) {
  try {
    validateDto(Order, value);
  } catch (error) {
    if (error instanceof InvalidProblem) return error.body.errors;
    throw error;
  }
  return [];
}

describe('validateDto', () => {
  it('makes an instance', () => {
    const order = validateDto(Order, { id: 1, rows: [{ count: 2 }] });
    expect(order).toBeInstanceOf(Order);
    expect(order.rows[0]).toBeInstanceOf(Row);
  });

  it('returns an instance that it has made before', () => {
    const order = validateDto(Order, { id: 1, rows: [] });
    expect(validateDto(Order, order)).toBe(order);
  });

  it('names nested fields by their path', () => {
    expect(errorsOf({ id: 1, rows: [{ count: 1 }, { count: 'x', colour: 1 }] })).toEqual([
      { field: 'rows[1].colour', message: 'unknown field' },
      { field: 'rows[1].count', message: 'must be an integer number' },
    ]);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('does not know a field named %s', (name) => {
    const value = JSON.parse(`{"id": 1, "rows": [], "${name}": 1}`) as unknown;
    expect(errorsOf(value)).toEqual([{ field: name, message: 'unknown field' }]);
  });

  it.each([[[]], [1], ['x'], [null], [true]])('refuses %j as no object', (value) => {
    expect(errorsOf(value)).toEqual([{ field: 'body', message: 'must be a JSON object' }]);
  });

  it('suggests the name that an unknown one most likely means', () => {
    expect(errorsOf({ id: 1, rwos: [], rows: [] })).toEqual([{ field: 'rwos', message: 'unknown field; did you mean rows?' }]);
  });

  it('says that a body is missing', () => expect(() => validateDto(Order, undefined)).toThrow(MalformedProblem));

  it('bounds how many faults it names', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, 1]));
    expect(errorsOf(many)).toHaveLength(50);
  });
});
