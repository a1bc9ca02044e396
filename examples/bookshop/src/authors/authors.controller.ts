import { Body, Controller, Get, Headers, Param, ParseIntPipe, Put, Res } from '@nestjs/common';
import { CachedResponse } from 'starkpulse-caching/cache'; // cache
import { authorCache } from './author-cache.js'; // cache
import { AuthorInput } from './author.input.js';
import { AuthorsService } from './authors.service.js';

const GREETINGS = { en: 'Hello', de: 'Guten Tag' };

@Controller('authors')
export class AuthorsController {
  constructor(private readonly authors: AuthorsService) {}

  @Get(':id')
  @CachedResponse(authorCache.item, { param: 'id' }) // cache
  get(@Param('id', ParseIntPipe) id: number) {
    return this.authors.get(id);
  }

  @Get('by-slug/:slug')
  @CachedResponse(authorCache.item, { param: 'slug', by: 'slug' }) // cache
  bySlug(@Param('slug') slug: string) {
    return this.authors.bySlug(slug);
  }

  @Get(':id/card')
  @CachedResponse(authorCache.item, { param: 'id' }) // cache
  async card(@Param('id', ParseIntPipe) id: number) {
    const { name, born } = await this.authors.get(id);
    return { id, label: born === null ? name : `${name} (${born})` };
  }

  /** Two tables in one answer: it changes with the author and with every book. */
  @Get(':id/summary')
  @CachedResponse(authorCache.item, { param: 'id', dependsOn: 'books' }) // cache
  summary(@Param('id', ParseIntPipe) id: number) {
    return this.authors.summary(id);
  }

  @Get(':id/greeting')
  @CachedResponse(authorCache.item, { param: 'id', vary: { 'accept-language': ['en', 'de'] } }) // cache
  async greeting(@Param('id', ParseIntPipe) id: number, @Headers('accept-language') language: 'en' | 'de') {
    const { name } = await this.authors.get(id);
    return { id, greeting: `${GREETINGS[language]}, ${name}` };
  }

  @Put(':id')
  put(@Param('id', ParseIntPipe) id: number, @Body() input: AuthorInput) {
    return this.authors.change(id, input);
  }

  /** Sends its answer itself. */
  @Put(':id/raw')
  async putRaw(@Param('id', ParseIntPipe) id: number, @Body() input: AuthorInput, @Res() response: Sending) {
    response.status(200).send(await this.authors.change(id, input));
  }
}

/** What Fastify's reply and Express' response have in common. */
interface Sending {
  status(code: number): { send(body: unknown): unknown };
}
