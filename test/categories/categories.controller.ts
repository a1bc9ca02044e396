import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Put, Query } from '@nestjs/common';
import { CachedResponse } from '../../src/cache/index.js'; // cache
import { CategoriesService, categoryCache, type CategoryJson } from './categories.service.js';
import { ListCategories } from './list-categories.js';

@Controller('api/v1/categories')
export class CategoriesController {
  constructor(private readonly categories: CategoriesService) {}

  @Get()
  @CachedResponse(categoryCache.list, { query: ListCategories }) // cache
  list(@Query() { limit }: ListCategories): Promise<CategoryJson[]> {
    return this.categories.list(limit);
  }

  @Get(':id')
  @CachedResponse(categoryCache.item, { param: 'id' }) // cache
  page(@Param('id', ParseIntPipe) id: number): Promise<CategoryJson> {
    return this.categories.page(id);
  }

  @Post()
  create(@Body('name') name: string, @Body('featured') featured: number | null): Promise<CategoryJson> {
    return this.categories.create(name, featured);
  }

  @Put(':id')
  @HttpCode(200)
  rename(@Param('id', ParseIntPipe) id: number, @Body('name') name: string, @Body('fail') fail = false) {
    return this.categories.renamed(id, name, fail);
  }
}
