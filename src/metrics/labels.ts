import type { Metric, Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

/** What the registry needs of a metric that is not one of prom-client's classes. */
interface Exposed {
  readonly name: string;
  get(): Promise<object>;
}

/** @returns the metric, registered */
export function register<M extends Exposed>(registry: Registry, metric: M): M {
  // The registry asks for `name` and `get()` alone; its type asks for one of four classes.
  registry.registerMetric(metric as unknown as Metric);
  return metric;
}
