import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Order, Played } from './order.js';

/** A process of its own that plays histories, one order after the other. */
export class Player {
  private readonly process: ChildProcess;
  private readonly gone: Promise<unknown>;

  constructor() {
    const { NODE_OPTIONS: _options, ...env } = process.env;
    this.process = fork(join(import.meta.dirname, 'player-process.mjs'), { env, execArgv: [] });
    this.gone = once(this.process, 'exit');
  }

  /** @throws Error where the simulation itself fails, or the process ends. */
  async play(order: Order): Promise<Played> {
    this.process.send(order);
    const ended = this.gone.then(() => ({ failure: 'the process that plays the histories has ended' }));
    const answer = once(this.process, 'message').then(([message]) => message as Played | { failure: string });
    const played = await Promise.race([answer, ended]);
    if ('failure' in played) throw new Error(played.failure);
    return played;
  }

  async end(): Promise<void> {
    this.process.kill();
    await this.gone;
  }
}
