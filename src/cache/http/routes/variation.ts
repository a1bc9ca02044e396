import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import Negotiator from 'negotiator';

const MAX_VALUES = 20;
const MAX_VARIATIONS = 100;
/** Clients send a handful of spellings; a longer one, and one more than so many, costs a parse. */
const MAX_HEADERS = 200;
const LONGEST_REMEMBERED = 200;
const LONGEST_HEADER = 2_000;
/** A public answer must not depend on the client; the coding is chosen by the cache itself. */
const FORBIDDEN = new Set(['authorization', 'cookie', 'accept-encoding', 'host', 'set-cookie', 'proxy-authorization', '*']);
const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const VALUE = /^[\x21-\x7e]{1,100}$/;

type Choose = (header: string) => string | undefined;

/** A request header that an answer depends on, with all its values: part of the key and of `Vary`. */
class Variation {
  private readonly known = new LRUCache<string, string>({ max: MAX_HEADERS });
  private readonly choice: Choose;

  constructor(
    readonly header: string,
    readonly values: readonly string[],
  ) {
    this.choice = choiceOf(header, values);
    // The handler gets the value as the header: a parser of that header must find the value again.
    const lost = values.find((value) => value === '*' || this.choice(value) !== value);
    if (lost !== undefined) throw new TypeError(`vary: "${header}" has the value "${lost}", which no request can ask for`);
  }

  choose(given: string | string[] | undefined): string {
    const text = Array.isArray(given) ? given.join(', ') : given;
    if (text === undefined || text.length > LONGEST_HEADER) return this.values[0]!;
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const chosen = this.choice(text) ?? this.values[0]!;
    if (text.length <= LONGEST_REMEMBERED) this.known.set(text, chosen);
    return chosen;
  }
}

/** All headers that an answer depends on. */
export class Variations {
  /** For `Vary`; undefined: it is the same for every client. */
  readonly names: string | undefined;
  private readonly all: readonly Variation[];

  /** @throws TypeError that says what is wrong with which header */
  constructor(vary: Readonly<Record<string, readonly string[]>> = {}) {
    this.all = Object.entries(vary).map(([name, values]) => new Variation(checkedName(name), checkedValues(name, values)));
    const names = this.all.map(({ header }) => header);
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) throw new TypeError(`vary names "${twice}" twice`);
    const count = this.all.reduce((product, { values }) => product * values.length, 1);
    if (count > MAX_VARIATIONS) throw new TypeError(`vary has ${count} variations; ${MAX_VARIATIONS} are kept at most`);
    this.names = names.length === 0 ? undefined : names.join(', ');
  }

  has(header: string): boolean {
    return this.all.some((one) => one.header === header.toLowerCase());
  }

  /** The values chosen for a request, as part of its key; undefined where there is nothing to choose. */
  keyPart(headers: IncomingHttpHeaders): string | undefined {
    if (this.names === undefined) return undefined;
    return this.all.map((one) => `${one.header}=${encodeURIComponent(one.choose(headers[one.header]))}`).join('&');
  }

  /** So that the handler sees the values chosen, and nothing else of these headers. */
  apply(headers: IncomingHttpHeaders): void {
    for (const one of this.all) headers[one.header] = one.choose(headers[one.header]);
  }
}

function choiceOf(header: string, values: readonly string[]): Choose {
  const available = [...values];
  switch (header) {
    case 'accept-language':
      return (text) => new Negotiator({ headers: { [header]: text } }).language(available);
    case 'accept':
      return (text) => new Negotiator({ headers: { [header]: text } }).mediaType(available);
    case 'accept-charset':
      return (text) => new Negotiator({ headers: { [header]: text } }).charset(available);
    default:
      return (text) => values.find((value) => value.toLowerCase() === text.trim().toLowerCase());
  }
}

function checkedName(name: string): string {
  const header = name.toLowerCase();
  if (!NAME.test(header)) throw new TypeError(`vary: "${name}" is no header`);
  if (FORBIDDEN.has(header)) throw new TypeError(`vary: an answer that depends on "${header}" cannot be cached for all clients`);
  return header;
}

function checkedValues(name: string, values: unknown): readonly string[] {
  const fine = Array.isArray(values) && values.length > 0 && values.length <= MAX_VALUES;
  if (!fine || !values.every((value) => typeof value === 'string' && VALUE.test(value))) {
    throw new TypeError(
      `vary: "${name}" must have all its values listed, 1 to ${MAX_VALUES}, each of 1 to 100 visible ASCII characters`,
    );
  }
  return values as readonly string[];
}
