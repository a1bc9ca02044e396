import { Injectable, type PipeTransform } from '@nestjs/common';
import { InvalidProblem } from '../problems/index.js';
import { MAX_INTEGER } from './rules.js';

/** The `{id}` of a path: plain digits, 1 to 2,147,483,647. @throws InvalidProblem (422) that names `id` */
export function parseProductId(text: string): number {
  const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : NaN;
  if (id <= MAX_INTEGER) return id;
  throw new InvalidProblem([{ field: 'id', message: `must be an integer between 1 and ${MAX_INTEGER}` }]);
}

/** Of a cached handler's parameter, the cache has made the number already. */
@Injectable()
export class ProductId implements PipeTransform<string | number, number> {
  transform(id: string | number): number {
    return parseProductId(String(id));
  }
}
