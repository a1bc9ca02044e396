import type { INestApplication } from '@nestjs/common';
import { SwaggerModule } from '@nestjs/swagger';
import { openApiDocument } from './document.js';

interface FetchRequest {
  cache?: string;
}

/** Serves Swagger UI at `/docs` and the document at `/docs-json`. */
export function serveDocs(app: INestApplication): void {
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
}
