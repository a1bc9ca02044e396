import type { Dependency } from '../core/definition.js';
import type { Tag } from '../core/tags.js';
import type { Subjects } from './subjects.js';

export type OneOrMore<T> = T | readonly T[];

/**
 * What a value shows beside its own row or list: whole tables (by name or cache), rows (`cache.row(key)`), or a function
 * that tells them of the loaded value. With a function, each load reads the log once more before it is shared.
 */
export type DependsOn<T> = OneOrMore<Dependency | ((value: T) => OneOrMore<Dependency>)>;

export interface Dependencies<T> {
  /** Known before the load. */
  readonly tags: readonly Tag[];
  /** Told by the loaded value; undefined: nothing is. */
  readonly lateTags: ((value: T) => Tag[]) | undefined;
}

/** @throws CacheError `CACHE_BAD_DEFINITION` for a table or key that no trigger watches */
export function dependenciesOf<T>(subjects: Subjects, own: readonly Dependency[], dependsOn: DependsOn<T> = []): Dependencies<T> {
  const all = listOf<Dependency | ((value: T) => OneOrMore<Dependency>)>(dependsOn);
  const early = all.filter((one) => typeof one !== 'function');
  const late = all.filter((one) => typeof one === 'function');
  const tagsFor = (dependencies: readonly Dependency[]) => [...new Set(dependencies.flatMap((one) => subjects.tagsFor(one)))];
  return {
    tags: tagsFor([...own, ...early]),
    lateTags: late.length === 0 ? undefined : (value) => tagsFor(late.flatMap((tell) => listOf(tell(value)))),
  };
}

function listOf<T>(given: OneOrMore<T>): readonly T[] {
  return Array.isArray(given) ? (given as readonly T[]) : [given as T];
}
