import { Body, Controller, Get, Param, ParseIntPipe, Put } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { CachedResponse } from 'starkpulse-caching/cache'; // cache
import type { Repository } from 'typeorm';
import { found } from '../found.js';
import { shelfCache } from './shelf-cache.js'; // cache
import { Shelf } from './shelf.entity.js';
import { ShelfInput } from './shelf.input.js';

@Controller('shelves')
export class ShelvesController {
  constructor(@InjectRepository(Shelf) private readonly shelves: Repository<Shelf>) {}

  @Get(':shelf/:slot')
  @CachedResponse(shelfCache.item, { param: ['shelf', 'slot'] }) // cache
  async get(@Param('shelf') shelf: string, @Param('slot', ParseIntPipe) slot: number) {
    return found(await this.shelves.findOneBy({ shelf, slot }));
  }

  @Put(':shelf/:slot')
  async put(@Param('shelf') shelf: string, @Param('slot', ParseIntPipe) slot: number, @Body() input: ShelfInput) {
    await this.shelves.upsert({ shelf, slot, ...input }, ['shelf', 'slot']);
    return this.get(shelf, slot);
  }
}
