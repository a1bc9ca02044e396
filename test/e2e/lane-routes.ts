import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  type NestInterceptor,
  type OnModuleInit,
  Param,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { ByUrl, CachedResponse, CacheModule, defineCache } from '../../src/cache/index.js';
import { bareTables } from '../support/bare-tables.js';

const define = (name: string) =>
  defineCache({ table: `lane_${name}`, item: { prefix: `lane-${name}` }, list: { prefix: `lanes-${name}` } });
const caches = {
  guarded: define('guarded'),
  intercepted: define('intercepted'),
  told: define('told'),
  cookie: define('cookie'),
  varying: define('varying'),
  counting: define('counting'),
  changed: define('changed'),
  older: define('older'),
  derived: define('derived'),
  open: define('open'),
};

/** The tables behind these routes; nobody writes them. */
export const LANE_TABLES = bareTables(...Object.values(caches).map(({ name }) => name));

/** Decides by more than the URL, for all that anybody knows. */
@Injectable()
export class Doorkeeper implements CanActivate {
  static admits = true;
  canActivate(): boolean {
    return Doorkeeper.admits;
  }
}

@Injectable()
class Watcher implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle();
  }
}

@ByUrl()
@Injectable()
class OddIds implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

/** Asks for more than what it is derived from. */
class MembersWithOddIds extends OddIds {}

/** Cached routes whose hits may and may not be answered without the router, each for another reason. */
@Controller('lane')
class LaneController {
  @Get('guarded/:id')
  @UseGuards(Doorkeeper)
  @CachedResponse(caches.guarded.item, { param: 'id' })
  guarded(@Param('id') id: string) {
    return { guarded: id };
  }

  @Get('intercepted/:id')
  @UseInterceptors(Watcher)
  @CachedResponse(caches.intercepted.item, { param: 'id' })
  intercepted(@Param('id') id: string) {
    return { intercepted: id };
  }

  @Get('told/:id')
  @CachedResponse(caches.told.item, { param: 'id', fastLane: false })
  told(@Param('id') id: string) {
    return { told: id };
  }

  @Get('cookie/:id')
  @CachedResponse(caches.cookie.item, { param: 'id' })
  cookie(@Param('id') id: string) {
    return { cookie: id };
  }

  @Get('varying/:id')
  @CachedResponse(caches.varying.item, { param: 'id' })
  varying(@Param('id') id: string) {
    return { varying: id };
  }

  @Get('counting/:id')
  @CachedResponse(caches.counting.item, { param: 'id' })
  counting(@Param('id') id: string) {
    return { counting: id };
  }

  @Get('changed/:id')
  @CachedResponse(caches.changed.item, { param: 'id' })
  changed(@Param('id') id: string) {
    return { changed: id };
  }

  @Get('older/:id')
  @CachedResponse(caches.older.item, { param: 'id' })
  older(@Param('id') id: string) {
    return { older: id };
  }

  @Get('derived/:id')
  @UseGuards(MembersWithOddIds)
  @CachedResponse(caches.derived.item, { param: 'id' })
  derived(@Param('id') id: string) {
    return { derived: id };
  }

  @Get('open/:id')
  @UseGuards(OddIds)
  @CachedResponse(caches.open.item, { param: 'id' })
  open(@Param('id') id: string) {
    return { open: id };
  }
}

@Module({ imports: [CacheModule.forFeature(...Object.values(caches))], controllers: [LaneController] })
export class LaneModule implements OnModuleInit {
  private requests = 0;

  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.addHook('onSend', (request, reply, payload, done) => {
      if (request.url.startsWith('/lane/changed')) void reply.header('cache-control', 'private');
      if (request.url.startsWith('/lane/older')) void reply.header('age', '1000');
      done(null, payload);
    });
    fastify.addHook('onRequest', (request, reply, done) => {
      if (request.url.startsWith('/lane/cookie')) void reply.header('set-cookie', 'visited=1');
      if (request.url.startsWith('/lane/varying')) void reply.header('vary', 'origin');
      if (request.url.startsWith('/lane/counting')) void reply.header('x-count', String(++this.requests));
      done();
    });
  }
}
