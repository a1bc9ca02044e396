import { Registry } from 'prom-client';

/** Injection token of the application's own registry. Not prom-client's global one: a process may run several apps. */
export const METRICS_REGISTRY = Symbol('metrics.REGISTRY');

/** Gauges of prom-client's default metrics that are named like counters, against Prometheus' rules. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** A registry whose exposition `promtool check metrics` has nothing to say about. */
export class LintedRegistry extends Registry {
  override metrics(): Promise<string> {
    for (const name of MISNAMED) this.removeSingleMetric(name);
    return super.metrics();
  }
}
