import { playHistories } from '../histories.js';

/** More of them: `npm run simulate -- --histories 10000`. */
describe('the promises of the cache, simulated at length', () => playHistories(0, 12));
