/** Seconds. A hit takes well under a millisecond, a load some. */
export const REQUEST_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds. Reads of one layer begin at some ten microseconds. */
export const OPERATION_SECONDS = [0.00005, 0.0001, 0.00025, ...REQUEST_SECONDS];
/** Seconds. A write waits for the longest lease at most, which is a minute. */
export const FENCE_SECONDS = [...REQUEST_SECONDS.slice(1), 30, 60];
