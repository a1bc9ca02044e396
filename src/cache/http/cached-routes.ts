import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { CacheError } from '../core/errors.js';
import { CACHE_OPTIONS, type CacheModuleOptions } from '../options.js';
import { Subjects } from '../subjects.js';
import { PER_REQUEST, ViewNames } from '../view-names.js';
import { CACHED_RESPONSE, type CachedHandler } from './cached-response-options.js';
import { CachedRoute } from './cached-route.js';
import { type Class, type Handler, routeFault } from './route-fault.js';

/** Every cached GET handler of the application. Those whose answers could not be kept true stop its start. */
@Injectable()
export class CachedRoutes {
  private readonly known = new Map<Class, Map<Handler, CachedRoute>>();
  private readonly names = new ViewNames();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly subjects: Subjects,
    @Inject(CACHE_OPTIONS) private readonly options: CacheModuleOptions,
  ) {}

  /** @throws CacheError `CACHE_BAD_DEFINITION` */
  discover(): void {
    for (const wrapper of this.discovery.getControllers()) {
      const controller = wrapper.metatype as Class;
      const prototype = controller.prototype as Record<string, Handler>;
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        const options = optionsOf(prototype[method]!);
        if (!options) continue;
        const where = `@CachedResponse of ${controller.name}.${method} ("${options.partition.cache}")`;
        if (!wrapper.isDependencyTreeStatic()) throw bad(where, PER_REQUEST);
        this.add(where, controller, method, options);
      }
    }
  }

  of(context: ExecutionContext): CachedRoute {
    const route = this.known.get(context.getClass())?.get(context.getHandler() as Handler);
    if (!route) throw new Error(`${context.getClass().name} was not there when the application started`);
    return route;
  }

  private add(where: string, controller: Class, method: string, options: CachedHandler): void {
    const handler = (controller.prototype as Record<string, Handler>)[method]!;
    const { partition, name = `${controller.name}.${method}` } = options;
    const route = this.compile(where, name, options);
    let routes = this.known.get(controller);
    if (!routes) this.known.set(controller, (routes = new Map()));
    if (routes.has(handler)) throw bad(where, 'its controller is registered twice');
    const fault = routeFault(route, controller, method, handler) ?? this.names.take(partition, name);
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

/** Of the method as it will be called, whatever wraps it. */
function optionsOf(handler: Handler): CachedHandler | undefined {
  return Reflect.getMetadata(CACHED_RESPONSE, handler) as CachedHandler | undefined;
}

function bad(where: string, fault: string): CacheError {
  return new CacheError('CACHE_BAD_DEFINITION', `${where}: ${fault}`);
}
