import { playHistories } from '../histories.js';

describe('the promises of the cache, simulated, second quarter', () => playHistories(1, 22));
