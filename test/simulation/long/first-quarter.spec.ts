import { playHistories } from '../histories.js';

describe('the promises of the cache, simulated, first quarter', () => playHistories(0, 22));
