import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { openApiDocument } from './document.js';

interface FetchRequest {
  cache?: string;
}

@Module({})
class DocsModule {}

/** Swagger UI at `/docs` and the document at `/docs-json`, in an application of their own, which does not listen. */
export async function createDocsApp(): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(DocsModule, new FastifyAdapter(), {
    // A fault here costs an answer, not the process.
    abortOnError: false,
  });
  SwaggerModule.setup('docs', app, openApiDocument(), {
    jsonDocumentUrl: 'docs-json',
    raw: ['json'],
    customSiteTitle: 'StarkPulse Caching',
    swaggerOptions: {
      persistAuthorization: true,
      displayRequestDuration: true,
      // Runs in the browser: past its cache, so that a change is seen at once.
      requestInterceptor: (request: FetchRequest): FetchRequest => {
        request.cache = 'no-store';
        return request;
      },
    },
  });
  return app.init();
}
