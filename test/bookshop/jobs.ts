import { EventEmitter, on } from 'node:events';
import {
  Controller,
  HttpCode,
  Injectable,
  type OnModuleDestroy,
  type OnModuleInit,
  ParseIntPipe,
  Post,
  Query,
} from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import type { EntityManager } from 'typeorm';
import { Caches } from '../../src/cache/index.js';
import { AuthorsService } from './authors.service.js';
import { Author } from './entities.js';

type Job = () => Promise<void>;

/** Works jobs off in a loop that began with the service: whatever a request runs in, a job does not. */
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

  /** Resolves, or rejects, as the job does. */
  run(job: Job): Promise<void> {
    return new Promise((resolve, reject) => this.queue.emit('job', () => job().then(resolve, reject)));
  }

  private async work(): Promise<void> {
    for await (const [job] of on(this.queue, 'job', { signal: this.end.signal })) await (job as Job)();
  }
}

class GivenUp extends Error {}

@Controller('jobs')
export class JobsController {
  constructor(
    private readonly worker: Worker,
    private readonly authors: AuthorsService,
    private readonly caches: Caches,
    @InjectEntityManager() private readonly manager: EntityManager,
  ) {}

  /** A transaction that reads through the cache what it has written, and is rolled back. */
  @Post('rollback')
  @HttpCode(202)
  rollback(@Query('author', ParseIntPipe) id: number): Promise<void> {
    return this.worker.run(async () => {
      const given = this.manager.transaction(async (manager) => {
        await manager.update(Author, { id }, { name: 'Nobody' });
        await this.authors.find(id, manager);
        throw new GivenUp();
      });
      await given.catch((error: unknown) => {
        if (!(error instanceof GivenUp)) throw error;
      });
    });
  }

  /** A write that no request makes, which waits as one does. */
  @Post('rename')
  @HttpCode(202)
  rename(@Query('author', ParseIntPipe) id: number, @Query('name') name: string): Promise<void> {
    return this.worker.run(async () => {
      await this.manager.update(Author, { id }, { name });
      await this.caches.settle();
    });
  }
}
