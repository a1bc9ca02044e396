import type { Partition } from '../core/definition.js';

/** Nothing that could pass for another part of a key. */
const NAME = /^[\p{ID_Continue}$.-]{1,200}$/u;

/** The names that tell apart what is cached of one row or list: each stands for one method of one class. */
export class ViewNames {
  private readonly taken = new Set<string>();

  /** @returns why a method may not have the name, in words that follow its own; undefined: it has it now */
  claim({ prefix }: Partition, name: string): string | undefined {
    if (!NAME.test(name)) return `the name "${name}" must be 1 to 200 letters, digits, _, $, . and -`;
    const whole = `${prefix}@${name}`;
    if (this.taken.has(whole)) return `another one is called "${name}", too: give one of them a name of its own`;
    this.taken.add(whole);
    return undefined;
  }
}

/** Why a class that is made for each request may not cache. */
export const PER_REQUEST =
  'its class is made anew for each request, so that what it gives may depend on more than the key; if not, say sameForAll';
