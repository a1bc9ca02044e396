import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Product } from '../../src/products/product.entity.js';
import { ProductsRepository } from '../../src/products/products.repository.js';
import { ProductsService } from '../../src/products/products.service.js';

/** The service's own table, repository and service, for the peers that ask a database. */
@Module({})
export class CatalogueModule {
  static on(databaseUrl: string): DynamicModule {
    return {
      module: CatalogueModule,
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: databaseUrl,
          entities: [Product],
          poolSize: 10,
          installExtensions: false,
        }),
        TypeOrmModule.forFeature([Product]),
      ],
      providers: [ProductsRepository, ProductsService],
      exports: [ProductsService],
    };
  }
}
