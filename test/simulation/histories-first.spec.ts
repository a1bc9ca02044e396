import { playHistories } from './histories.js';

describe('the promises of the cache, simulated, first half', () => playHistories(0));
