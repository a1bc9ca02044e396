import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { AnswerParser } from './answer-parser.js';
import type { LatencyMs, Report } from './plan.js';
import type { Sendable } from './sequence.js';

/** Node's own HDR histogram, in microseconds: three digits of every value up to an hour. */
const HISTOGRAM = { lowest: 1, highest: 3_600_000_000, figures: 3 };

/** Counts answers as they come. */
export class Meter {
  answered = 0;
  private bodyBytes = 0;
  private readonly histograms = new Map<string, RecordableHistogram>();
  private readonly wrong: Record<string, number> = {};
  private readonly cpuAtStart = process.cpuUsage();
  private readonly startedAt = performance.now();

  count({ part, status: right }: Sendable, { status, bodyBytes }: AnswerParser, latencyMs: number): void {
    this.answered += 1;
    this.bodyBytes += bodyBytes;
    if (status !== right) this.wrong[`${part} ${status}`] = (this.wrong[`${part} ${status}`] ?? 0) + 1;
    let histogram = this.histograms.get(part);
    if (histogram === undefined) this.histograms.set(part, (histogram = createHistogram(HISTOGRAM)));
    histogram.record(Math.max(1, Math.round(latencyMs * 1000)));
  }

  report(firstDueMs = 0): Report {
    const seconds = (performance.now() - this.startedAt) / 1000;
    const { user, system } = process.cpuUsage(this.cpuAtStart);
    return {
      requests: this.answered,
      seconds,
      requestsPerSecond: this.answered / seconds,
      bodyBytes: this.bodyBytes,
      latencyMs: Object.fromEntries([...this.histograms].map(([part, histogram]) => [part, latencyOf(histogram)])),
      wrong: this.wrong,
      generatorCpuSeconds: (user + system) / 1e6,
      firstDueMs,
    };
  }
}

function latencyOf(histogram: RecordableHistogram): LatencyMs {
  const at = (percent: number): number => histogram.percentile(percent) / 1000;
  return {
    count: histogram.count,
    mean: histogram.mean / 1000,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: histogram.max / 1000,
  };
}
