import { playHistories } from '../histories.js';

describe('the promises of the cache, simulated, fourth quarter', () => playHistories(3, 22));
