import { Controller, Get, Injectable, Module, type OnModuleInit, Param, ParseIntPipe } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Caches } from '../../src/cache/index.js';
import { productCache } from '../../src/products/product-cache.js';

interface Asks {
  query(text: string, values?: unknown[]): Promise<unknown>;
}

/** What a job does, which no request has asked for. */
@Injectable()
export class Stocks implements OnModuleInit {
  /** How often the database was asked for a stock. */
  asked = 0;
  seenAtTheStart: unknown;

  constructor(
    @InjectDataSource() readonly source: DataSource,
    private readonly caches: Caches,
  ) {}

  /** As a transaction that is under way sees it, or from the cache. */
  of(id: number, asks: Asks = this.source): Promise<number> {
    const load = async () => {
      this.asked++;
      const rows = (await asks.query('SELECT stock FROM products WHERE id = $1', [id])) as [{ stock: number }];
      return rows[0].stock;
    };
    return this.caches.get(productCache.item, id, load, 'stock');
  }

  set(id: number, stock: number, asks: Asks = this.source): Promise<unknown> {
    return asks.query('UPDATE products SET stock = $2 WHERE id = $1', [id, stock]);
  }

  async onModuleInit(): Promise<void> {
    this.seenAtTheStart = await this.rolledBack(1, 4_711);
  }

  /** Writes, reads what it has written, and takes it back. */
  async rolledBack(id: number, stock: number): Promise<unknown> {
    const seen: number[] = [];
    await this.source
      .transaction(async (manager) => {
        seen.push(await this.of(id, manager));
        await this.set(id, stock, manager);
        seen.push(await this.of(id, manager));
        throw new Error('taken back');
      })
      .catch(() => undefined);
    return seen;
  }
}

@Controller('stocks')
class StocksController {
  constructor(private readonly stocks: Stocks) {}

  @Get(':id')
  async stock(@Param('id', ParseIntPipe) id: number) {
    return { stock: await this.stocks.of(id) };
  }
}

@Module({ controllers: [StocksController], providers: [Stocks] })
export class StocksModule {}
