import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, type ValidationError, Validator } from 'class-validator';
import { type FieldError, InvalidProblem, MalformedProblem } from './problem.js';

const validator = new Validator();

export type DtoClass<T extends object = object> = new () => T;

/**
 * Makes a validated `Dto` of what a client sent. An instance of `Dto` is returned as it is: it was validated
 * before (JSON and query strings never make one).
 *
 * @throws MalformedProblem (400) without a value, InvalidProblem (422) naming each field that breaks a rule,
 *   unknown fields included.
 */
export function validateDto<T extends object>(Dto: DtoClass<T>, value: unknown): T {
  if (value instanceof Dto) return value;
  if (value === undefined) throw new MalformedProblem('A JSON body is required.');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidProblem([{ field: 'body', message: 'must be a JSON object' }]);
  }
  const known = knownFields(Dto);
  const given = Object.entries(value);
  // Looked up here, since class-transformer drops some names (`constructor`) without a word.
  const unknown = given.filter(([field]) => !known.has(field));
  const dto = plainToInstance(Dto, Object.fromEntries(given.filter(([field]) => known.has(field))));
  const faults = validator.validateSync(dto, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  const errors = [...unknown.map(([field]) => unknownField(field)), ...fieldErrors(faults)];
  if (errors.length > 0) throw new InvalidProblem(errors.slice(0, MAX_ERRORS));
  return dto;
}

/** A 422 names at most this many faults; a body may hold a hundred thousand. */
const MAX_ERRORS = 50;

const fieldsOf = new WeakMap<DtoClass, ReadonlySet<string>>();

/** The fields that a DTO class has: those with a validation decorator. */
export function knownFields(Dto: DtoClass): ReadonlySet<string> {
  let fields = fieldsOf.get(Dto);
  if (fields === undefined) {
    const metadata = getMetadataStorage().getTargetValidationMetadatas(Dto, '', false, false);
    fields = new Set(metadata.map((entry) => entry.propertyName));
    fieldsOf.set(Dto, fields);
  }
  return fields;
}

/** The 422 entry for an unknown field or parameter. */
export function unknownField(field: string): FieldError {
  return { field: field.slice(0, 100), message: 'is not known here' };
}

function fieldErrors(faults: readonly ValidationError[], parent = ''): FieldError[] {
  return faults.flatMap((fault) => {
    const index = /^\d+$/.test(fault.property);
    const field = parent === '' ? fault.property : index ? `${parent}[${fault.property}]` : `${parent}.${fault.property}`;
    const own = Object.entries(fault.constraints ?? {}).map(([rule, message]) =>
      rule === 'whitelistValidation' ? unknownField(field) : { field, message: withoutName(message, fault.property) },
    );
    return [...own, ...fieldErrors(fault.children ?? [], field)];
  });
}

/** class-validator's own messages begin with the field's name, which stands beside them here. */
function withoutName(message: string, property: string): string {
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}
