import { playHistories } from './histories.js';

describe('the promises of the cache, simulated in short', () => playHistories(4, 8));
