import type { CacheParts, Loaded, Read } from './read.js';
import { inLoad, LoadContext } from './scope.js';

/** A load whose result is neither shared nor kept. */
export function loadAlone({ scoped }: Pick<CacheParts, 'scoped'>, { load }: Pick<Read, 'load'>): Promise<Loaded> {
  return scoped ? inLoad(new LoadContext(), load) : load();
}
