import { Body, Controller, Get, Headers, HttpCode, Param, ParseIntPipe, Post, Put, Query, Res } from '@nestjs/common';
import { CachedResponse, Caches } from '../../src/cache/index.js';
import { AuthorsService, found, given } from './authors.service.js';
import { authorCache, bookCache } from './caches.js';
import type { Author } from './entities.js';
import { AuthorInput } from './inputs.js';

const GREETINGS: Readonly<Record<string, string>> = { en: 'Hello', de: 'Guten Tag' };

@Controller('authors')
export class AuthorsController {
  constructor(
    private readonly authors: AuthorsService,
    private readonly caches: Caches,
  ) {}

  @Get(':id')
  @CachedResponse(authorCache.item, { param: 'id' })
  get(@Param('id', ParseIntPipe) id: number) {
    return this.authors.get(id);
  }

  @Get('by-slug/:slug')
  @CachedResponse(authorCache.item, { param: 'slug', by: 'slug' })
  bySlug(@Param('slug') slug: string) {
    return this.authors.bySlug(slug);
  }

  @Get(':id/card')
  @CachedResponse(authorCache.item, { param: 'id' })
  card(@Param('id', ParseIntPipe) id: number) {
    return this.authors.card(id);
  }

  @Get(':id/summary')
  @CachedResponse(authorCache.item, { param: 'id', dependsOn: bookCache })
  summary(@Param('id', ParseIntPipe) id: number) {
    return this.authors.summary(id);
  }

  @Get(':id/greeting')
  @CachedResponse(authorCache.item, { param: 'id', vary: { 'accept-language': ['en', 'de'] } })
  async greeting(@Param('id', ParseIntPipe) id: number, @Headers('accept-language') language: string) {
    const { name } = found(await this.authors.find(id));
    return { id, greeting: `${GREETINGS[language]}, ${name}` };
  }

  /** Several from the cache, in the order asked for; null for those that are not there. */
  @Get()
  many(@Query('ids') ids: string) {
    return this.authors.findMany(ids.split(',').map(Number));
  }

  /** What this process holds of an author in memory. */
  @Get(':id/peek')
  peek(@Param('id', ParseIntPipe) id: number) {
    return this.caches.peek<Author | null>(authorCache.item, id);
  }

  @Put(':id')
  put(@Param('id', ParseIntPipe) id: number, @Body() { slug, name, born }: AuthorInput) {
    return this.authors.change(id, given({ slug, name, born }));
  }

  /** Sends its answer itself. */
  @Put(':id/raw')
  async putRaw(@Param('id', ParseIntPipe) id: number, @Body() { slug, name, born }: AuthorInput, @Res() reply: Sender) {
    reply.status(200).send(await this.authors.change(id, given({ slug, name, born })));
  }

  /** For what changed in a way that no trigger sees. */
  @Post(':id/refresh')
  @HttpCode(204)
  refresh(@Param('id', ParseIntPipe) id: number) {
    return this.caches.invalidate(authorCache.item, id);
  }
}

/** Fastify's reply and Express' response alike. */
interface Sender {
  status(code: number): { send(body: unknown): unknown };
}
