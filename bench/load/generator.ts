import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Outcome } from './main.js';
import type { Plan, Report } from './plan.js';

/** The load generator in a process of its own, warm from one plan to the next. One plan at a time. */
export class LoadGenerator {
  private readonly child: ChildProcess;
  private readonly gone: Promise<never>;

  constructor() {
    const { NODE_OPTIONS: _options, ...env } = process.env;
    this.child = fork(join(process.cwd(), 'bench', 'load', 'main.mjs'), { execArgv: [], env });
    this.gone = once(this.child, 'exit').then(() => {
      throw new Error('the load generator has ended');
    });
    this.gone.catch(() => undefined);
  }

  /** @throws Error where a connection was refused or lost, or an answer could not be understood. */
  async run(plan: Plan): Promise<Report> {
    this.child.send(plan);
    const [outcome] = (await Promise.race([once(this.child, 'message'), this.gone])) as [Outcome];
    if ('failure' in outcome) throw new Error(`the load generator: ${outcome.failure}`);
    return outcome.report;
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill();
    await exit;
  }
}
