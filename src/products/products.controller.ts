import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CachedResponse, Representation, TaggedResponse } from '../cache/index.js';
import { ListProducts } from './list-products.js';
import { PRODUCTS_PATH } from './path.js';
import { productCache } from './product-cache.js';
import { parseProductId, ProductId } from './product-id.js';
import { CreateProduct, UpdateProduct } from './product-input.js';
import type { ProductJson } from './product-json.js';
import { ProductsService } from './products.service.js';

@Controller(PRODUCTS_PATH)
export class ProductsController {
  constructor(private readonly products: ProductsService) {}

  @Get()
  @CachedResponse(productCache.list, { query: ListProducts })
  async list(@Query() query: ListProducts): Promise<Representation<ProductJson[]>> {
    const { products, link } = await this.products.list(query);
    return new Representation(products, link === null ? {} : { link });
  }

  @Get(':id')
  @CachedResponse(productCache.item, { param: 'id', parse: parseProductId })
  get(@Param('id', ProductId) id: number): Promise<ProductJson> {
    return this.products.get(id);
  }

  @Post()
  @TaggedResponse()
  async create(@Body() input: CreateProduct, @Res({ passthrough: true }) reply: FastifyReply): Promise<ProductJson> {
    const product = await this.products.create(input);
    void reply.header('location', `${PRODUCTS_PATH}/${product.id}`);
    return product;
  }

  @Put(':id')
  @TaggedResponse()
  update(
    @Param('id', ProductId) id: number,
    @Body() fields: UpdateProduct,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<ProductJson> {
    return this.products.update(id, fields, ifMatch);
  }

  @Delete(':id')
  @HttpCode(204)
  delete(@Param('id', ProductId) id: number, @Headers('if-match') ifMatch: string | undefined): Promise<void> {
    return this.products.delete(id, ifMatch);
  }
}
