import { createHash } from 'node:crypto';
import type { KeyPart } from '../../../src/cache/core/row-key.js';
import type { Random } from '../../support/random.js';

/** One value of a key column: as a client inserts it, and as clients may ask for it. */
export interface Value {
  readonly stored: string | number | boolean;
  readonly spellings: readonly KeyPart[];
}

export interface KeyColumn {
  readonly type: string;
  readonly value: (draw: Random) => Value;
}

const CHARACTERS = [
  ...'abcXYZ019 ~/%@;:*?[]\\^"\'`{}()<>|&=+-_.,!#$äßéİıǅ漢字\t\n',
  '😀',
  '👩‍👩‍👧',
  'e\u0301',
  '\u00a0',
  '\u200b',
  '\uffff',
  '\u{10ffff}',
];

export const COLUMNS: Readonly<Record<string, KeyColumn>> = {
  smallint: { type: 'smallint', value: (draw) => integer(draw, 15) },
  integer: { type: 'integer', value: (draw) => integer(draw, 31) },
  bigint: { type: 'bigint', value: (draw) => integer(draw, 63) },
  numeric: { type: 'numeric', value: decimal },
  'numeric(12,4)': { type: 'numeric(12,4)', value: decimal },
  uuid: { type: 'uuid', value: uuid },
  boolean: { type: 'boolean', value: (draw) => flag(draw.chance(0.5)) },
  text: { type: 'text', value: (draw) => same(text(draw, 400)) },
  varchar: { type: 'varchar(400)', value: (draw) => same(text(draw, 400)) },
  'varchar without a length': { type: 'varchar', value: (draw) => same(text(draw, 400)) },
  'char(n)': { type: 'char(400)', value: padded },
  'text in code point order': { type: 'text COLLATE "C"', value: (draw) => same(text(draw, 30)) },
  'an enumeration': { type: 'colour', value: (draw) => same(draw.pick(['red', 'dark red', 'Red', 'r/d', '~'])) },
  'a domain of text': { type: 'code', value: (draw) => same(text(draw, 300)) },
  'a domain of a domain of integers': { type: 'small_number', value: (draw) => integer(draw, 15) },
};

export const TYPES = [
  `CREATE TYPE colour AS ENUM ('red', 'dark red', 'Red', 'r/d', '~')`,
  `CREATE DOMAIN code AS text CHECK (VALUE <> '')`,
  'CREATE DOMAIN number AS integer',
  'CREATE DOMAIN small_number AS number CHECK (VALUE BETWEEN -32768 AND 32767)',
];

function integer(draw: Random, bits: number): Value {
  const edge = 2n ** BigInt(bits);
  const shift = BigInt(draw.integer(0, bits));
  const wide = BigInt(Math.floor(draw.next() * 2 ** 53)) * 2n ** 10n;
  const value = draw.pick([edge - 1n, -edge, 0n, BigInt(draw.integer(-9, 9)), (wide % edge) >> shift, -((wide % edge) >> shift)]);
  const [sign, digits] = value < 0n ? ['-', String(-value)] : ['', String(value)];
  const zeros = '0'.repeat(draw.integer(1, 9));
  const signed = sign === '' ? [`+${digits}`, `+${zeros}${digits}`] : [];
  const zero = value === 0n ? ['-0', '-00', '+0'] : [];
  const number = BigInt.asIntN(53, value) === value ? [Number(value)] : [];
  return { stored: String(value), spellings: [String(value), value, `${sign}${zeros}${digits}`, ...signed, ...zero, ...number] };
}

function decimal(draw: Random): Value {
  const sign = draw.pick(['', '-']);
  const whole = String(draw.integer(0, 10 ** draw.integer(0, 7)));
  const fraction = draw.pick(['', '5', '25', '0001', '00', '10', '1000', String(draw.integer(0, 9999))]);
  const plain = fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
  const padded = `${fraction === '' ? `${plain}.` : plain}${'0'.repeat(draw.integer(1, 4))}`;
  const zeros = padded.replace(/^-?/, (given) => `${given}000`);
  return {
    stored: draw.pick([plain, padded]),
    spellings: [plain, padded, zeros, ...(sign === '' ? [`+${plain}`] : []), Number(plain)],
  };
}

function uuid(draw: Random): Value {
  const digits = Array.from({ length: 32 }, () => draw.pick([...'0123456789abcdef'])).join('');
  const plain = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const groups = digits.match(/.{4}/g)!.join('-');
  return {
    stored: draw.pick([plain, plain.toUpperCase()]),
    spellings: [plain, plain.toUpperCase(), digits, `{${plain}}`, `{${digits.toUpperCase()}}`, groups],
  };
}

function flag(value: boolean): Value {
  return { stored: value, spellings: [value, String(value)] };
}

export function same(value: string): Value {
  return { stored: value, spellings: [value] };
}

/** Blanks at its end mean nothing to PostgreSQL; other white space does. */
function padded(draw: Random): Value {
  const value = text(draw, 390).replace(/ +$/, '') || draw.pick(['x', ' x', '']);
  return { stored: value + ' '.repeat(draw.integer(0, 5)), spellings: [value, `${value} `, value + ' '.repeat(9)] };
}

/** From one character to `longest`, often about as long as a text may be without being hashed, sometimes like a hash. */
function text(draw: Random, longest: number): string {
  const length = Math.min(draw.pick([1, 2, 3, 8, 40, 199, 200, 201, draw.integer(1, 400)]), longest);
  const some = draw.chance(0.3) ? ['😀'] : draw.chance(0.3) ? ['~', '/', '~0', '~1'] : CHARACTERS;
  let made = draw.pick(['', '', '', 'sha256=', '{"', 'null', 'NULL', 'a/', '@', '$1']);
  while ([...made].length < length) made += draw.pick(some);
  return draw.chance(0.05) ? `sha256=${createHash('sha256').update(made).digest('hex')}`.slice(0, longest) : made;
}
