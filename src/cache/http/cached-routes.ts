import { type ExecutionContext, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { CacheError } from '../core/errors.js';
import { CACHE_OPTIONS, type CacheModuleOptions } from '../options.js';
import { Subjects } from '../subjects.js';
import { CachedHandlers, type Class, type Controller, type FoundHandler, type Handler } from './cached-handlers.js';
import type { CachedHandler } from './cached-response-options.js';
import { CachedRoute } from './cached-route.js';

type Arguments = Record<string, { readonly data?: unknown }>;

/** Arguments of a handler that no key can have a part of. */
const UNKEYED = new Map<string, string>([
  [String(RouteParamtypes.BODY), '@Body()'],
  [String(RouteParamtypes.SESSION), '@Session()'],
  [String(RouteParamtypes.IP), '@Ip()'],
  [String(RouteParamtypes.HOST), '@HostParam()'],
  [String(RouteParamtypes.COOKIES), '@Cookies()'],
  [String(RouteParamtypes.SIGNED_COOKIES), '@SignedCookies()'],
]);

/** Every cached GET handler of the application. Those whose answers could not be kept true stop its start. */
@Injectable()
export class CachedRoutes implements OnApplicationBootstrap {
  private readonly known = new Map<Class, Map<Handler, CachedRoute>>();
  private readonly names = new Set<string>();

  constructor(
    private readonly handlers: CachedHandlers,
    private readonly subjects: Subjects,
    @Inject(CACHE_OPTIONS) private readonly options: CacheModuleOptions,
  ) {}

  onApplicationBootstrap(): void {
    for (const found of this.handlers.all()) this.add(found);
  }

  of(context: ExecutionContext): CachedRoute {
    const route = this.known.get(context.getClass())?.get(context.getHandler() as Handler);
    if (!route) throw new Error(`${context.getClass().name} was not there when the application started`);
    return route;
  }

  private add({ controller, method, handler, options }: FoundHandler): void {
    const { partition, name = `${controller.name}.${method}` } = options;
    const where = `@CachedResponse of ${controller.name}.${method} ("${partition.cache}")`;
    const route = this.compile(where, name, options);
    const fault = faultOf(route, pathsOf(controller, method), argumentsOf(controller, method)) ?? this.taken(partition.prefix, name);
    if (fault !== undefined) throw bad(where, fault);
    let routes = this.known.get(controller);
    if (!routes) this.known.set(controller, (routes = new Map()));
    routes.set(handler, route);
  }

  private compile(where: string, name: string, options: CachedHandler): CachedRoute {
    try {
      return new CachedRoute(name, options, this.subjects, this.options);
    } catch (error) {
      throw bad(where, (error as Error).message);
    }
  }

  /** Two handlers of one name would answer each other's requests. */
  private taken(prefix: string, name: string): string | undefined {
    const whole = `${prefix}@${name}`;
    if (/[@;]/.test(name)) return `the name "${name}" must have no @ and no ;`;
    if (this.names.has(whole)) return `another handler is called "${name}", too: give one of them a name of its own`;
    this.names.add(whole);
    return undefined;
  }
}

function faultOf(route: CachedRoute, paths: readonly string[], args: Arguments): string | undefined {
  const { partition, params, variations, handler } = route;
  const missing = params.find((param) => !paths.every((path) => new RegExp(`[:*]${param}(?!\\w)`).test(path)));
  if (missing !== undefined) return `its path has no parameter "${missing}"`;
  if (partition.kind === 'item' && params.length === 0) return 'param must name the row';
  if (partition.kind === 'list' && handler.by !== undefined) return 'by names a row, and this is a list';
  for (const [key, { data }] of Object.entries(args)) {
    const kind = key.split(':')[0]!;
    if (kind === String(RouteParamtypes.QUERY) && !handler.query) return 'it takes @Query(), which is no part of its key: name the DTO as query';
    if (kind === String(RouteParamtypes.HEADERS) && !(typeof data === 'string' && variations.has(data))) {
      return `it takes @Headers(${typeof data === 'string' ? `'${data}'` : ''}), which is no part of its key: name header and values in vary`;
    }
    if (UNKEYED.has(kind)) return `it takes ${UNKEYED.get(kind)}, which is no part of its key`;
  }
  return undefined;
}

function pathsOf(controller: Class, method: string): string[] {
  const handler = (controller.prototype as Controller)[method]!;
  const all = (target: object) => [Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined ?? ''].flat();
  return all(controller).flatMap((before) => all(handler).map((after) => `${before}/${after}`));
}

function argumentsOf(controller: Class, method: string): Arguments {
  return (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as Arguments;
}

function bad(where: string, fault: string): CacheError {
  return new CacheError('CACHE_BAD_DEFINITION', `${where}: ${fault}`);
}
