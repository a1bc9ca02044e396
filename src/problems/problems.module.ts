import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { DtoPipe } from './dto.pipe.js';
import { ProblemFilter } from './problem.filter.js';
import { QueryGuard } from './query.guard.js';

/** Errors as problems, validated input, and no unknown query parameter, on every route. */
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_GUARD, useClass: QueryGuard },
    { provide: APP_PIPE, useClass: DtoPipe },
  ],
})
export class ProblemsModule {}
