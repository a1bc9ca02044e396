import type { Plan } from '../plan.js';
import { type Mutant, withStore } from './mutant.js';

const weather: Partial<Plan> = { shared: true, crowds: 40, writes: 15, kinds: ['pause', 'redis flush'], ttlMs: 20_000 };

/** Rules that make a cold key cost one load, however many instances ask. */
export const LOADS: readonly Mutant[] = [
  {
    name: 'loading without a lock',
    rule: 'of the instances that miss a key one loads it',
    tampering: {
      ports: (ports) =>
        withStore(ports, (store) => ({ acquire: async (...call) => ({ ...(await store.acquire(...call)), locked: true }) })),
    },
    plan: weather,
    promise: 5,
  },
  {
    name: 'not looking again under the lock',
    rule: 'whoever gets the lock looks for what the last holder has stored',
    tampering: {
      ports: (ports) =>
        withStore(ports, (store) => ({ acquire: async (...call) => ({ ...(await store.acquire(...call)), entry: undefined }) })),
    },
    plan: weather,
    promise: 5,
  },
  {
    name: 'letting go of the lock before the entry is stored',
    rule: 'the entry is sent before its lock is released',
    tampering: {
      ports: (ports) =>
        withStore(ports, (store) => ({
          async write(...call) {
            await store.inspect();
            await store.write(...call);
          },
        })),
    },
    plan: weather,
    promise: 5,
  },
];
