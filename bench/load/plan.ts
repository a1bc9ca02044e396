/** One request. It is sent as given, with a `Host` and, where there is a body, its length. */
export interface LoadRequest {
  readonly path: string;
  /** Default: GET. HEAD is not understood. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The status that is right. Default: 200. */
  readonly status?: number;
}

/** Requests that are sent in turn, again from the first after the last. Figures are kept apart by `name`. */
export interface Part {
  readonly name: string;
  /** Of all requests; the shares of a plan add up to 1. */
  readonly share: number;
  readonly requests: readonly LoadRequest[];
}

export interface Plan {
  /** On 127.0.0.1; the connections are spread over them. */
  readonly ports: readonly number[];
  /** Keep-alive, one request at a time on each. */
  readonly connections: number;
  readonly parts: readonly Part[];
  /** Which part is next, where there are several, is drawn from it. */
  readonly seed?: number;
  /**
   * `closed`: each connection sends as soon as it has its answer. `open`: requests are due at even intervals, whatever
   * the server does, and their latency counts from when they were due.
   */
  readonly loop: { readonly type: 'closed' } | { readonly type: 'open'; readonly requestsPerSecond: number };
  readonly until: { readonly requests: number } | { readonly milliseconds: number };
}

export interface LatencyMs {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface Report {
  readonly requests: number;
  /** From the first request to the last answer. */
  readonly seconds: number;
  readonly requestsPerSecond: number;
  /** Of all answers together. */
  readonly bodyBytes: number;
  /** By part. */
  readonly latencyMs: Readonly<Record<string, LatencyMs>>;
  /** How many answers had another status than they should: `part 503`. */
  readonly wrong: Readonly<Record<string, number>>;
  /** What the generator itself took: it must not be what is measured. */
  readonly generatorCpuSeconds: number;
  /** Open loop: when request 0 was due, by the machine's monotonic clock (`process.hrtime`). */
  readonly firstDueMs: number;
}
