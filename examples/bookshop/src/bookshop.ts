import { type INestApplication, ValidationPipe } from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { BookshopModule } from './bookshop.module.js';
import { DatabaseFaultFilter } from './database-fault.filter.js';
import type { Settings } from './settings.js';

export type Http = 'fastify' | 'express';

/** The application, not yet listening. */
export async function createBookshop(settings: Settings, http: Http): Promise<INestApplication> {
  // Fastify takes no more than 100 characters of a path parameter by default, and an ISBN here may have 300.
  const adapter = http === 'fastify' ? new FastifyAdapter({ routerOptions: { maxParamLength: 2_000 } }) : new ExpressAdapter();
  const app = await NestFactory.create(BookshopModule.with(settings), adapter, {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
  app.useGlobalFilters(new DatabaseFaultFilter(app.get(HttpAdapterHost).httpAdapter));
  return app;
}
