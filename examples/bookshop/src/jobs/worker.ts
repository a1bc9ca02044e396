import { EventEmitter, on } from 'node:events';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

type Job = () => Promise<void>;

/** Works jobs off one by one, in a loop that began with the application: a job runs outside of the request that asks for it. */
@Injectable()
export class Worker implements OnModuleInit, OnModuleDestroy {
  private readonly queue = new EventEmitter();
  private readonly end = new AbortController();

  onModuleInit(): void {
    this.work().catch(() => undefined);
  }

  onModuleDestroy(): void {
    this.end.abort();
  }

  /** Resolves or rejects as the job does. */
  run(job: Job): Promise<void> {
    return new Promise((resolve, reject) => this.queue.emit('job', () => job().then(resolve, reject)));
  }

  private async work(): Promise<void> {
    for await (const [job] of on(this.queue, 'job', { signal: this.end.signal })) await (job as Job)();
  }
}
