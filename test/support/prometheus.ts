import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { ListeningServer } from './listening-server.js';
import { onFreePort } from './ports.js';
import { ensureProgram } from './programs.js';
import { Server, temporaryFolder } from './server.js';

/** One sample of an instant query. NaN is a value here, as in Prometheus. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface RuleState {
  readonly name: string;
  readonly type: 'alerting' | 'recording';
  readonly query: string;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
}

/** A Prometheus server on 127.0.0.1 that scrapes every second. */
export class Prometheus extends ListeningServer {
  constructor(port: number, server: Server) {
    super(port, 'Prometheus', server);
  }

  protected async answers(): Promise<boolean> {
    return (await fetch(`http://127.0.0.1:${this.port}/-/ready`)).ok;
  }

  /** The instant query's samples; a scalar is one sample without labels. Throws with Prometheus' own words. */
  async query(expr: string): Promise<Sample[]> {
    const { resultType, result } = await this.get<
      | { resultType: 'vector'; result: { metric: Record<string, string>; value: [number, string] }[] }
      | { resultType: 'scalar'; result: [number, string] }
    >(`query?query=${encodeURIComponent(expr)}`);
    if (resultType === 'scalar') return [{ labels: {}, value: Number(result[1]) }];
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** Every rule with the outcome of its last evaluation. */
  async rules(): Promise<RuleState[]> {
    const { groups } = await this.get<{ groups: { rules: RuleState[] }[] }>('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  /** Names of all metrics stored so far. */
  metricNames(): Promise<string[]> {
    return this.get<string[]>('label/__name__/values');
  }

  private async get<T>(path: string): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.port}/api/v1/${path}`, { signal: AbortSignal.timeout(10_000) });
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(answer.error);
    return answer.data;
  }
}

export interface PrometheusOptions {
  /** Host and port of the metrics of each instance, by the name that its series shall carry. */
  readonly instances: Readonly<Record<string, string>>;
  /** A file of rules, evaluated every second. */
  readonly rules: string;
}

/** Starts a Prometheus of your own on a free port; resolves when it is ready. Call {@link Prometheus.end} when done. */
export async function startPrometheus({ instances, rules }: PrometheusOptions): Promise<Prometheus> {
  const program = await ensureProgram('prometheus');
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [resolve(rules)],
    scrape_configs: [
      {
        job_name: 'starkpulse',
        static_configs: Object.entries(instances).map(([instance, target]) => ({ targets: [target], labels: { instance } })),
      },
    ],
  };
  return onFreePort(async (port) => {
    const folder = temporaryFolder('prometheus');
    writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const prometheus = new Prometheus(port, new Server({ name: 'prometheus', program, args, folder }));
    try {
      await prometheus.start();
      return prometheus;
    } catch (error) {
      await prometheus.end();
      throw error;
    }
  });
}
