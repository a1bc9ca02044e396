import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import type { EntityManager } from 'typeorm';
import { CachedResponse } from '../../src/cache/index.js';
import { found, given } from './authors.service.js';
import { copyCache, countryCache, noteCache } from './caches.js';
import { Copy, Country, Note } from './entities.js';
import { CopyInput, CountryInput, ListNotes, NoteInput } from './inputs.js';

/** Tables whose keys have several spellings, or none. */
@Controller()
export class StockController {
  constructor(@InjectEntityManager() private readonly manager: EntityManager) {}

  @Get('notes')
  @CachedResponse(noteCache.list, { query: ListNotes })
  notes(@Query() { limit }: ListNotes) {
    return this.manager.find(Note, { order: { id: 'DESC' }, take: limit });
  }

  @Get('notes/:sku')
  @CachedResponse(noteCache.item, { param: 'sku' })
  async note(@Param('sku') sku: string) {
    return found(await this.manager.findOneBy(Note, { sku }));
  }

  @Put('notes/:sku')
  async putNote(@Param('sku') sku: string, @Body() { body }: NoteInput) {
    await this.manager.upsert(Note, { sku, ...given({ body }) }, ['sku']);
    return found(await this.manager.findOneBy(Note, { sku }));
  }

  @Get('copies/:id')
  @CachedResponse(copyCache.item, { param: 'id' })
  async copy(@Param('id') id: string) {
    return found(await this.manager.findOneBy(Copy, { id }));
  }

  @Put('copies/:id')
  async putCopy(@Param('id') id: string, @Body() { isbn }: CopyInput) {
    await this.manager.upsert(Copy, { id, ...given({ isbn }) }, ['id']);
    return found(await this.manager.findOneBy(Copy, { id }));
  }

  @Get('countries/:code')
  @CachedResponse(countryCache.item, { param: 'code' })
  async country(@Param('code') code: string) {
    return found(await this.manager.findOneBy(Country, { code }));
  }

  @Put('countries/:code')
  async putCountry(@Param('code') code: string, @Body() { name }: CountryInput) {
    await this.manager.upsert(Country, { code, ...given({ name }) }, ['code']);
    return found(await this.manager.findOneBy(Country, { code }));
  }
}
