import type { AnswerParser } from './answer-parser.js';
import { Connection } from './connection.js';
import { Meter } from './meter.js';
import type { Plan, Report } from './plan.js';
import { sequence } from './sequence.js';

/** As fast as the answers come: for requests per second. Its latencies hide stalls; see {@link openLoop}. */
export async function closedLoop(plan: Plan): Promise<Report> {
  const next = sequence(plan);
  const { until } = plan;
  const most = 'requests' in until ? until.requests : Infinity;
  const connections: Connection[] = [];
  try {
    return await new Promise<Report>((resolve, reject) => {
      let sent = 0;
      let endsAt = Infinity;
      let meter: Meter;
      const fire = (connection: Connection, now: number): void => {
        if (sent >= most || now >= endsAt) {
          if (meter.answered === sent) resolve(meter.report());
          return;
        }
        sent += 1;
        connection.send(next(), now);
      };
      const onAnswer = (connection: Connection, answer: AnswerParser): void => {
        const now = performance.now();
        meter.count(connection.sent!, answer, now - connection.since);
        fire(connection, now);
      };
      openAll(plan, connections, onAnswer, reject)
        .then(() => {
          meter = new Meter();
          const now = performance.now();
          if ('milliseconds' in until) endsAt = now + until.milliseconds;
          for (const connection of connections) fire(connection, now);
        })
        .catch(reject);
    });
  } finally {
    connections.forEach((connection) => connection.close());
  }
}

/** Opens the plan's connections into `connections`, so that those are there to be closed whatever fails. */
export async function openAll(
  { ports, connections: count }: Plan,
  connections: Connection[],
  onAnswer: (connection: Connection, answer: AnswerParser) => void,
  onLost: (error: Error) => void,
): Promise<void> {
  // One after the other: a thousand at once overflow the queue of those that a server has not accepted yet.
  for (let i = 0; i < count; i++) connections.push(await Connection.open(ports[i % ports.length]!, onAnswer, onLost));
}
