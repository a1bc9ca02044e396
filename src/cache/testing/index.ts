/** For the tests of applications: whether what they cache hits, and is dropped. */
export { CacheProbe, type Probed, type ProbedOutcome, type ProbeOptions } from './cache-probe.js';
