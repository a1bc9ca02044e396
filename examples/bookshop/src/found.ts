import { NotFoundException } from '@nestjs/common';

/** @throws NotFoundException for none */
export function found<T>(row: T | null): T {
  if (row === null) throw new NotFoundException();
  return row;
}
