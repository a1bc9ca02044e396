import { Controller, Get, Injectable, Module, Param, Post, Query, Scope, type Type } from '@nestjs/common';
import { Type as Typed } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { CachedQuery, CachedResponse, CacheModule, defineCache } from '../../src/cache/index.js';
import { bareTables } from '../support/bare-tables.js';

const unwatched = defineCache({ table: 'unwatched', item: { prefix: 'unwatched' }, list: { prefix: 'unwatcheds' } });
const cache = defineCache({ table: 'wrapped', item: { prefix: 'wrapped' }, list: { prefix: 'wraps' } });
export const WRAPPED_TABLES = bareTables('wrapped');

type Handler = (...args: unknown[]) => unknown;
type Decorator = (target: object, method: string, descriptor: PropertyDescriptor) => void;

const none: Decorator = () => undefined;

/** How decorators put another function in a handler's place. */
export const WRAPPERS: Readonly<Record<string, (handler: Handler) => Handler>> = {
  'a named function': (handler) =>
    function wrapper(this: unknown, ...args) {
      return handler.apply(this, args);
    },
  'an arrow function':
    (handler) =>
    (...args) =>
      handler(...args),
  'a Proxy': (handler) => new Proxy(handler, { apply: (target, self, args) => Reflect.apply(target, self, args) as unknown }),
};

/** What they carry over of its metadata. */
export const CARRIERS: Readonly<Record<string, (from: Handler, to: Handler) => void>> = {
  nothing: () => undefined,
  'what Nest reads': (from, to) => copy(from, to, (key) => typeof key === 'string'),
  everything: (from, to) => copy(from, to, () => true),
  'everything, by inheritance': (from, to) => void Object.setPrototypeOf(to, from),
};

function copy(from: Handler, to: Handler, wanted: (key: unknown) => boolean): void {
  for (const key of Reflect.getMetadataKeys(from).filter(wanted)) Reflect.defineMetadata(key, Reflect.getMetadata(key, from), to);
}

export const PLACES = ['below both', 'between them', 'above both'] as const;

export interface Wrapping {
  readonly wrapper: string;
  readonly carried: string;
  readonly place: (typeof PLACES)[number];
}

export const WRAPPINGS: readonly Wrapping[] = Object.keys(WRAPPERS)
  .flatMap((wrapper) => Object.keys(CARRIERS).flatMap((carried) => PLACES.map((place) => ({ wrapper, carried, place }))))
  // The first takes the route itself away, and the prototype of a Proxy is its handler's.
  .filter(({ carried, place }) => place !== 'above both' || carried !== 'nothing')
  .filter(({ wrapper, carried }) => wrapper !== 'a Proxy' || carried !== 'everything, by inheritance');

function wrap({ wrapper, carried }: Omit<Wrapping, 'place'>): Decorator {
  return (_target, _method, descriptor) => {
    const handler = descriptor.value as Handler;
    const wrapped = WRAPPERS[wrapper]!(handler);
    CARRIERS[carried]!(handler, wrapped);
    descriptor.value = wrapped;
  };
}

class ListWrapped {
  @Typed(() => Number)
  @IsInt()
  @Min(1)
  @Max(9)
  limit: number = 5;
}

function controllerOf(path: string, wrapping: Wrapping): Type {
  const at = (place: Wrapping['place']) => (place === wrapping.place ? wrap(wrapping) : none);
  const [below, between, above] = PLACES.map(at) as [Decorator, Decorator, Decorator];

  @Controller(path)
  class Wrapped {
    @above
    @Get('items/:id')
    @between
    @CachedResponse(cache.item, { param: 'id', name: `${path}.item` })
    @below
    item(@Param('id') id: string) {
      return { item: id };
    }

    @above
    @Get('list')
    @between
    @CachedResponse(cache.list, { query: ListWrapped, name: `${path}.list` })
    @below
    list(@Query() { limit }: ListWrapped) {
      return { limit };
    }

    @above
    @Get('plain')
    @below
    plain(@Query('q') q: string) {
      return { q };
    }

    @above
    @Post('write')
    @below
    write() {
      return { written: true };
    }
  }
  return Wrapped;
}

export const pathOf = (wrapping: Wrapping): string => `wrapped-${WRAPPINGS.indexOf(wrapping)}`;

const wrapped = wrap({ wrapper: 'an arrow function', carried: 'everything' });

abstract class Base {
  protected readonly whose: string = 'base';

  @Get('items/:id')
  @CachedResponse(cache.item, { param: 'id' })
  @wrap({ wrapper: 'a named function', carried: 'nothing' })
  item(@Param('id') id: string): unknown {
    return { whose: this.whose, item: id };
  }

  @Get('plain')
  @wrap({ wrapper: 'a named function', carried: 'nothing' })
  plain(@Query('q') q: string): unknown {
    return { whose: this.whose, q };
  }
}

@Controller('inheriting')
class Inheriting extends Base {
  protected override readonly whose = 'inheriting';
}

@Controller('overriding')
class Overriding extends Base {
  @wrapped
  @Get('items/:id')
  @CachedResponse(cache.item, { param: 'id' })
  override item(@Param('id') id: string): unknown {
    return { whose: 'overriding', item: id };
  }

  @wrapped
  @Get('plain')
  override plain(@Query('q') q: string): unknown {
    return { whose: 'overriding', q };
  }
}

/** Overrides a cached handler by one that is not. */
@Controller('uncached')
class Uncached extends Base {
  @Get('items/:id')
  override item(@Param('id') id: string): unknown {
    return { whose: 'uncached', item: id };
  }
}

/** Wraps all methods of a class. */
function traced(controller: Type): void {
  const prototype = controller.prototype as object;
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (name === 'constructor') continue;
    wrap({ wrapper: 'a named function', carried: 'what Nest reads' })(prototype, name, descriptor);
    Object.defineProperty(prototype, name, descriptor);
  }
}

@traced
@Controller('traced')
class Traced {
  @Get('items/:id')
  @CachedResponse(cache.item, { param: 'id' })
  item(@Param('id') id: string) {
    return { whose: 'traced', item: id };
  }

  @Get('plain')
  plain(@Query('q') q: string) {
    return { whose: 'traced', q };
  }
}

/** Another class in its place. */
function extended<T extends Type>(controller: T): T {
  return class extends controller {};
}

@extended
@Controller('extended')
class Extended {
  @Get('items/:id')
  @CachedResponse(cache.item, { param: 'id' })
  item(@Param('id') id: string) {
    return { whose: 'extended', item: id };
  }

  @Get('plain')
  plain(@Query('q') q: string) {
    return { whose: 'extended', q };
  }
}

@Controller('bound')
class Bound {
  private readonly whose = 'bound';

  constructor() {
    this.item = this.item.bind(this);
    const plain = this.plain.bind(this);
    this.plain = (q) => plain(q);
  }

  @Get('items/:id')
  @CachedResponse(cache.item, { param: 'id' })
  item(@Param('id') id: string) {
    return { whose: this.whose, item: id };
  }

  @Get('plain')
  plain(@Query('q') q: string) {
    return { whose: this.whose, q };
  }
}

@Controller({ path: 'scoped', scope: Scope.REQUEST })
class Scoped {
  @Get('items/:id')
  @CachedResponse(cache.item, { sameForAll: true, param: 'id' })
  @wrapped
  item(@Param('id') id: string) {
    return { whose: 'scoped', item: id };
  }

  @Get('plain')
  @wrapped
  plain(@Query('q') q: string) {
    return { whose: 'scoped', q };
  }
}

/** A cached query is such a wrapper, too. */
@Controller('query')
class QueryAround {
  @CachedQuery(cache.list, { key: (id: string) => id, name: 'query.item' })
  @Get('items/:id')
  @CachedResponse(cache.item, { param: 'id' })
  async item(@Param('id') id: string) {
    return { whose: 'query', item: id };
  }

  @CachedQuery(cache.list, { key: (q: string) => q, name: 'query.plain' })
  @Get('plain')
  async plain(@Query('q') q: string) {
    return { whose: 'query', q };
  }
}

/** Cannot be kept true: nothing watches its table. */
@Injectable()
class Unwatched {
  @wrap({ wrapper: 'an arrow function', carried: 'nothing' })
  @CachedQuery(unwatched.item, { key: (id: string) => id })
  async find(id: string) {
    return { id };
  }
}

@Module({ imports: [CacheModule.forFeature(unwatched)], providers: [Unwatched] })
export class UnwatchedModule {}

/** Controllers with `items/:id`, cached, and `plain?q=`, by their paths. */
export const WRAPPED_CONTROLLERS: Readonly<Record<string, Type>> = {
  inheriting: Inheriting,
  overriding: Overriding,
  traced: Traced,
  extended: Extended,
  bound: Bound,
  scoped: Scoped,
  query: QueryAround,
};

@Module({
  imports: [CacheModule.forFeature(cache)],
  controllers: [
    ...WRAPPINGS.map((wrapping) => controllerOf(pathOf(wrapping), wrapping)),
    ...Object.values(WRAPPED_CONTROLLERS),
    Uncached,
  ],
})
export class WrappedModule {}
