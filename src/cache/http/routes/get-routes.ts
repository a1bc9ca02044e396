import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

/** The router's GET routes, to tell which URLs are those of one alone. Made before the routes are. */
@Injectable()
export class GetRoutes {
  private readonly templates: string[] = [];

  constructor(host: HttpAdapterHost) {
    // Undefined where nobody is served, as in a script.
    const adapter = host.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined;
    if (adapter?.getType() !== 'fastify') return;
    adapter.getInstance<FastifyInstance>().addHook('onRoute', ({ method, url }) => {
      if ([method].flat().includes('GET')) this.templates.push(url);
    });
  }

  /** Whether more than its URL decides which one of several routes it is, such as the host. */
  areSeveral(template: string): boolean {
    return this.templates.filter((other) => other === template).length > 1;
  }

  /** Whether another route than `template` may take a URL that is `start` and one segment more. */
  isShared(start: string, template: string): boolean {
    return this.templates.some((other) => other !== template && other.startsWith(start) && !other.slice(start.length, -1).includes('/'));
  }
}
