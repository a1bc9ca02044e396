import { Body, Controller, Get, Param, ParseIntPipe, Put } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { CachedResponse } from '../../src/cache/index.js';
import { found, given } from './authors.service.js';
import { shelfCache } from './caches.js';
import { Shelf } from './entities.js';
import { ShelfInput } from './inputs.js';

@Controller('shelves')
export class ShelvesController {
  constructor(@InjectRepository(Shelf) private readonly shelves: Repository<Shelf>) {}

  @Get(':shelf/:slot')
  @CachedResponse(shelfCache.item, { param: ['shelf', 'slot'] })
  async get(@Param('shelf') shelf: string, @Param('slot', ParseIntPipe) slot: number) {
    return found(await this.shelves.findOneBy({ shelf, slot }));
  }

  @Put(':shelf/:slot')
  async put(@Param('shelf') shelf: string, @Param('slot', ParseIntPipe) slot: number, @Body() { isbn }: ShelfInput) {
    await this.shelves.upsert({ shelf, slot, ...given({ isbn }) }, ['shelf', 'slot']);
    return found(await this.shelves.findOneBy({ shelf, slot }));
  }
}
