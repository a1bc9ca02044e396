import { registerDecorator } from 'class-validator';

export interface TextRule {
  /** Fewest characters (code points). Default 0. */
  readonly min?: number;
  /** Most characters (code points), as PostgreSQL counts them. */
  readonly max: number;
  /** Whether at least one character must not be white space. Default false. */
  readonly visible?: boolean;
}

/** What is wrong with a text, or null. PostgreSQL stores no NUL, and UTF-8 has no lone surrogates. */
export function textFault(value: unknown, { min = 0, max, visible = false }: TextRule): string | null {
  if (Array.isArray(value)) return 'must be given once, as a string';
  if (typeof value !== 'string') return 'must be a string';
  if (value.includes('\0')) return 'must not contain NUL';
  if (/\p{Surrogate}/u.test(value)) return 'must be well-formed Unicode, without lone surrogates';
  // A string has at most as many code points as UTF-16 units: count only where that does not decide.
  const length = value.length > max || value.length < 2 * min ? [...value.slice(0, 2 * max + 2)].length : value.length;
  if (length > max) return `must be at most ${max} characters long`;
  if (length < min) return min === 1 ? 'must not be empty' : `must be at least ${min} characters long`;
  if (visible && value.trim() === '') return 'must not be only white space';
  return null;
}

/** Validates a text of a DTO: type, length, and that it can be stored. */
export function IsText(rule: TextRule): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isText',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => textFault(value, rule) === null,
        defaultMessage: (args) => textFault(args?.value, rule) ?? 'is not accepted',
      },
    });
  };
}
