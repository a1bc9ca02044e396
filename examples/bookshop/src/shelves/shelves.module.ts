import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CacheModule } from 'starkpulse-caching/cache'; // cache
import { shelfCache } from './shelf-cache.js'; // cache
import { Shelf } from './shelf.entity.js';
import { ShelvesController } from './shelves.controller.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Shelf]),
    CacheModule.forFeature(shelfCache), // cache
  ],
  controllers: [ShelvesController],
})
export class ShelvesModule {}
