import { BadRequestException, Injectable, type PipeTransform } from '@nestjs/common';

/** An ISBN of ten digits, whose check digit may be X. */
const TEN = /^[\d-]+x$/i;

/**
 * The one spelling of a book's key: `urn:isbn:080442957x` is `080442957X`. The shop also sells what has no ISBN, by
 * names of its own, which stay as they are.
 */
export function isbnOf(text: string): string {
  const isbn = text.replace(/^urn:isbn:/i, '');
  if (isbn === '' || [...isbn].length > 300) throw new BadRequestException('isbn: must have 1 to 300 characters');
  return TEN.test(isbn) ? isbn.toUpperCase() : isbn;
}

@Injectable()
export class IsbnPipe implements PipeTransform<string, string> {
  transform(text: string): string {
    return isbnOf(text);
  }
}
