import { innardsOf, type Mutant } from './mutant.js';

/** Rules about transactions, and about what an answer waits for. */
export const ANSWERS: readonly Mutant[] = [
  {
    name: 'an answer that is sent around the fence',
    rule: 'every answer to a request that may have written waits, whoever sends it',
    tampering: { instance: ({ fence }) => void (fence.settle = () => Promise.resolve()) },
    plan: { everyMs: 10, writes: 30 },
  },
  {
    name: 'an answer that does not wait for the transaction that it is sent in',
    rule: 'an answer waits for the transaction of its request to end, and then for the fence',
    tampering: {
      instance: ({ fence }) => {
        const settle = fence.settle.bind(fence);
        fence.settle = () => settle();
      },
    },
    plan: { everyMs: 10, writes: 30 },
  },
  {
    name: 'not noticing a transaction outside of a request',
    rule: 'while a transaction outside of a request is open, what is asked outside of a request passes the cache by',
    tampering: {
      instance: (core) => void (innardsOf(core).cache.parts = { ...innardsOf(core).cache.parts, outside: { transactions: 0 } }),
    },
    plan: { jobs: 10 },
  },
];
