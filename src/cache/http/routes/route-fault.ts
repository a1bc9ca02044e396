import { RequestMethod } from '@nestjs/common';
import {
  HEADERS_METADATA,
  HTTP_CODE_METADATA,
  METHOD_METADATA,
  PATH_METADATA,
  REDIRECT_METADATA,
  RENDER_METADATA,
  ROUTE_ARGS_METADATA,
  SSE_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { Class, Controller } from './cached-handlers.js';
import type { CachedRoute } from './cached-route.js';

type Arguments = Record<string, { readonly data?: unknown }>;

/** Arguments of a handler that no key can have a part of, or that hits would know nothing of. */
const UNKEYED = new Map<string, string>([
  [String(RouteParamtypes.REQUEST), '@Req()'],
  [String(RouteParamtypes.RESPONSE), '@Res()'],
  [String(RouteParamtypes.NEXT), '@Next()'],
  [String(RouteParamtypes.BODY), '@Body()'],
  [String(RouteParamtypes.RAW_BODY), '@RawBody()'],
  [String(RouteParamtypes.FILE), '@UploadedFile()'],
  [String(RouteParamtypes.FILES), '@UploadedFiles()'],
  [String(RouteParamtypes.SESSION), '@Session()'],
  [String(RouteParamtypes.IP), '@Ip()'],
  [String(RouteParamtypes.HOST), '@HostParam()'],
  [String(RouteParamtypes.COOKIES), '@Cookies()'],
  [String(RouteParamtypes.SIGNED_COOKIES), '@SignedCookies()'],
]);

/** Decorators that say how a handler is answered. */
const OWN_ANSWERS = [
  [HTTP_CODE_METADATA, '@HttpCode()'],
  [HEADERS_METADATA, '@Header()'],
  [REDIRECT_METADATA, '@Redirect()'],
  [RENDER_METADATA, '@Render()'],
  [SSE_METADATA, '@Sse()'],
] as const;

function hasOwnAnswer(given: unknown): boolean {
  return given !== undefined && given !== 200;
}

/** Why the answers of a handler could not be kept true, in words that follow its name; undefined: they can. */
export function routeFault(route: CachedRoute, controller: Class, method: string): string | undefined {
  // What the router reads its metadata from, whatever the constructor has put in its place.
  const handler = (controller.prototype as Controller)[method]!;
  if (Reflect.getMetadata(METHOD_METADATA, handler) !== RequestMethod.GET) return 'it is no @Get() handler';
  const own = OWN_ANSWERS.find(([metadata]) => hasOwnAnswer(Reflect.getMetadata(metadata, handler)));
  if (own)
    return `${own[1]} has no effect on a cached answer, which is JSON with status 200: give its headers by a Representation`;
  return paramFault(route, pathsOf(controller, handler)) ?? argumentFault(route, argumentsOf(controller, method));
}

function paramFault({ partition, params, key, handler }: CachedRoute, paths: readonly string[]): string | undefined {
  const missing = params.find((param) => !paths.every((path) => new RegExp(`[:*]${param}(?!\\w)`).test(path)));
  if (missing !== undefined) return `its path has no parameter "${missing}"`;
  if (partition.kind === 'list') return handler.by === undefined ? undefined : 'by names a row, and this is a list';
  if (params.length === 0) return 'param must name the row';
  const columns = key!.columns;
  if (handler.parse || params.length === columns.length) return undefined;
  return `param must name one parameter for each column of the key (${columns.join(', ')})`;
}

function argumentFault({ variations, handler }: CachedRoute, args: Arguments): string | undefined {
  for (const [key, { data }] of Object.entries(args)) {
    const kind = key.split(':')[0]!;
    if (kind === String(RouteParamtypes.PARAM)) continue;
    if (kind === String(RouteParamtypes.QUERY)) {
      if (!handler.query) return 'it takes @Query(), which is no part of its key: name the DTO as query';
    } else if (kind === String(RouteParamtypes.HEADERS)) {
      if (typeof data === 'string' && variations.has(data)) continue;
      return `it takes @Headers(${typeof data === 'string' ? `'${data}'` : ''}), which is no part of its key: name header and values in vary`;
    } else if (handler.sameForAll && (kind === String(RouteParamtypes.REQUEST) || !UNKEYED.has(kind))) {
      continue;
    } else return `it takes ${UNKEYED.get(kind) ?? 'an argument by a decorator of its own'}, which is no part of its key`;
  }
  return undefined;
}

function pathsOf(controller: Class, handler: object): string[] {
  const all = (target: object) => [(Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined) ?? ''].flat();
  return all(controller).flatMap((before) => all(handler).map((after) => `${before}/${after}`));
}

function argumentsOf(controller: Class, method: string): Arguments {
  return (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as Arguments;
}
