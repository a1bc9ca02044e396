import type { Row } from '../run/row.js';
import { coldKey } from './cold-key.js';
import { hit } from './hit.js';
import { importRows } from './import.js';
import { invalidate } from './invalidate.js';
import { lists } from './lists.js';
import { memory } from './memory.js';
import { miss } from './miss.js';
import { mixed } from './mixed.js';
import { notModified } from './not-modified.js';
import { redisHit } from './redis-hit.js';
import { start } from './start.js';
import { write } from './write.js';

/** In the order of the table. */
export const ROWS: readonly Row[] = [
  hit,
  notModified,
  redisHit,
  miss,
  write,
  invalidate,
  coldKey,
  memory,
  lists,
  importRows,
  start,
  mixed,
];
