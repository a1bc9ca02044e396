import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { CacheError } from '../../core/errors.js';
import { CACHE_SETTINGS, type CacheSettings } from '../../options/options.js';
import { Subjects } from '../../caches/subjects.js';
import { PER_REQUEST, ViewNames } from '../../caches/view-names.js';
import { CachedHandlers, type Class, type FoundHandler, type Handler } from './cached-handlers.js';
import type { CachedHandler } from './cached-response-options.js';
import { CachedRoute } from './cached-route.js';
import { routeFault } from './route-fault.js';

/** Every cached GET handler of the application. Those whose answers could not be kept true stop its start. */
@Injectable()
export class CachedRoutes {
  private readonly known = new Map<Class, Map<Handler, CachedRoute>>();
  private readonly names = new ViewNames();

  constructor(
    private readonly handlers: CachedHandlers,
    private readonly subjects: Subjects,
    @Inject(CACHE_SETTINGS) private readonly options: CacheSettings,
  ) {}

  /** @throws CacheError `CACHE_BAD_DEFINITION` */
  discover(): void {
    for (const found of this.handlers.all()) this.add(found);
  }

  /** Undefined: the handler is not cached. */
  find(context: ExecutionContext): CachedRoute | undefined {
    return this.known.get(context.getClass())?.get(context.getHandler() as Handler);
  }

  private add({ controller, method, handler, options, isPerRequest }: FoundHandler): void {
    const { partition, name = `${controller.name}.${method}` } = options;
    const where = `@CachedResponse of ${controller.name}.${method} ("${partition.cache}")`;
    if (isPerRequest && !options.sameForAll) throw bad(where, PER_REQUEST);
    const route = this.compile(where, name, options);
    let routes = this.known.get(controller);
    if (!routes) this.known.set(controller, (routes = new Map()));
    if (routes.has(handler)) throw bad(where, 'its controller is registered twice');
    const fault = routeFault(route, controller, method) ?? this.names.claim(partition, name);
    if (fault !== undefined) throw bad(where, fault);
    routes.set(handler, route);
  }

  private compile(where: string, name: string, options: CachedHandler): CachedRoute {
    try {
      return new CachedRoute(name, options, this.subjects, this.options);
    } catch (error) {
      throw bad(where, (error as Error).message);
    }
  }
}

function bad(where: string, fault: string): CacheError {
  return new CacheError('CACHE_BAD_DEFINITION', `${where}: ${fault}`);
}
