import { Module } from '@nestjs/common';
import { CacheWarmingModule } from '../warming/warming.module.js';
import { AdminGuard } from './admin.guard.js';
import { CacheController } from './cache.controller.js';
import { Invalidation } from './invalidation.js';

/** `/api/v1/cache/*`, for operators. */
@Module({ imports: [CacheWarmingModule], controllers: [CacheController], providers: [AdminGuard, Invalidation] })
export class CacheAdminModule {}
