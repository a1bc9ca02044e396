import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { knownFields, validateDto, type DtoClass } from './validate.js';

/**
 * Validates every `@Body()` and `@Query()` that is typed with a DTO class. Used in place of Nest's ValidationPipe,
 * so that the cache's interceptor and the handler share one validation, and `constructor` is an unknown field.
 */
@Injectable()
export class DtoPipe implements PipeTransform {
  transform(value: unknown, { type, metatype, data }: ArgumentMetadata): unknown {
    if ((type !== 'body' && type !== 'query') || data !== undefined || !isDto(metatype)) return value;
    return validateDto(metatype, value, type === 'query' ? 'parameter' : 'field');
  }
}

function isDto(metatype: unknown): metatype is DtoClass {
  return typeof metatype === 'function' && knownFields(metatype as DtoClass).size > 0;
}
