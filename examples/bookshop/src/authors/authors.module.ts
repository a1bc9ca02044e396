import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CacheModule } from 'starkpulse-caching/cache'; // cache
import { authorCache } from './author-cache.js'; // cache
import { Author } from './author.entity.js';
import { AuthorsController } from './authors.controller.js';
import { AuthorsService } from './authors.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Author]),
    CacheModule.forFeature(authorCache), // cache
  ],
  controllers: [AuthorsController],
  providers: [AuthorsService],
})
export class AuthorsModule {}
