import { playHistories } from '../histories.js';

describe('the promises of the cache, simulated, third quarter', () => playHistories(2, 22));
