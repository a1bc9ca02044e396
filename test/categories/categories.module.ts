import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CacheModule } from '../../src/cache/index.js'; // cache
import { Product } from '../../src/products/product.entity.js';
import { ProductsRepository } from '../../src/products/products.repository.js';
import { CategoriesController } from './categories.controller.js';
import { CategoriesService, categoryCache } from './categories.service.js';
import { Category } from './category.entity.js';
import { FeaturedProducts } from './featured-products.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Category, Product]),
    CacheModule.forFeature(categoryCache), // cache
  ],
  controllers: [CategoriesController],
  providers: [CategoriesService, FeaturedProducts, ProductsRepository],
})
export class CategoriesModule {}
