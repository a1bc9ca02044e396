import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

/** The router's GET routes, to tell which URLs are those of one alone. */
@Injectable()
export class GetRoutes {
  private readonly templates: string[] = [];
  private isHooked = false;

  constructor(private readonly host: HttpAdapterHost) {
    this.hook();
  }

  /** Before Nest adds its routes: its testing module has no adapter when this is made. */
  hook(): void {
    // Undefined in a script, which has no server.
    const adapter = this.host.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined;
    if (this.isHooked || adapter?.getType() !== 'fastify') return;
    this.isHooked = true;
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
    return this.templates.some(
      (other) => other !== template && other.startsWith(start) && !other.slice(start.length, -1).includes('/'),
    );
  }
}
