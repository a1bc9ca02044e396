import { Controller, HttpCode, ParseIntPipe, Post, Query } from '@nestjs/common';
import { Caches } from 'starkpulse-caching/cache';
import { DataSource } from 'typeorm';
import { authorCache } from '../authors/author-cache.js';
import { Author } from '../authors/author.entity.js';
import { Worker } from './worker.js';

@Controller('jobs')
export class JobsController {
  constructor(
    private readonly worker: Worker,
    private readonly caches: Caches,
    private readonly source: DataSource,
  ) {}

  /** Renames the author, reads that through the cache, and takes it back: nothing of it may be seen by anybody else. */
  @Post('rollback')
  @HttpCode(202)
  rollback(@Query('author', ParseIntPipe) id: number): Promise<void> {
    return this.worker.run(async () => {
      const runner = this.source.createQueryRunner();
      await runner.startTransaction();
      try {
        await runner.manager.update(Author, { id }, { name: 'Nobody' });
        await this.caches.get(authorCache.item, id, () => runner.manager.findOneBy(Author, { id }));
      } finally {
        await runner.rollbackTransaction();
        await runner.release();
      }
    });
  }
}
