import type { Plan } from '../plan.js';
import { innardsOf, type Mutant, withLog } from './mutant.js';

const weather: Partial<Plan> = { everyMs: 10, writes: 40, shared: true, faults: 4, staleMs: 0 };

/** Rules about what only a loaded value, or a row of the log that nobody can read, could tell. */
export const LATE: readonly Mutant[] = [
  {
    name: 'a row of the log that cannot be applied is passed over',
    rule: 'such a row says that everything has changed',
    tampering: {
      ports: (ports) =>
        withLog(ports, (log) => ({
          async read(memberId, since) {
            const read = await log.read(memberId, since);
            return { ...read, rows: read.rows.filter(({ tags }) => !tags.some((tag) => (tag as unknown) === null)) };
          },
        })),
    },
  },
  {
    name: 'not holding the tags that the value tells',
    rule: 'an entry has the tags of the rows that its value says it shows',
    tampering: {
      instance: (instance) => {
        const { cache } = instance;
        const get = cache.get.bind(cache);
        cache.get = (read) => get({ ...read, load: async () => ({ ...(await read.load()), lateTags: undefined }) });
      },
    },
    plan: weather,
  },
  {
    name: 'tokens of late tags without reading the log',
    rule: 'between a load and the tokens of the tags that its value tells, the log is read',
    tampering: {
      instance: (instance) => {
        innardsOf(instance).cache.filler.lateTokens = (late, { shared }) => shared.use((store) => store.tokens(late));
      },
    },
    plan: { ...weather, instances: 3, ttlMs: 60_000 },
  },
  {
    name: 'joining a load whose tags are known too late',
    rule: 'who has joined such a load looks, when it has landed, whether it was overtaken',
    tampering: {
      instance: (instance) => {
        const { filler } = innardsOf(instance).cache;
        const fill = filler.fill.bind(filler);
        filler.fill = async (read, flight) => ({ ...(await fill(read, flight)), late: false });
      },
    },
    plan: { ...weather, crowds: 30 },
  },
];
