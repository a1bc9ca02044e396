import { type CanActivate, type ExecutionContext, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ByUrl } from '../cache/index.js';
import { type FieldError, InvalidProblem, MalformedProblem } from './problem.js';
import { unknownField } from './validate.js';

/** `dto`: the handler takes the whole query string, validated by its class. Else the names that it takes. */
type QueryRule = 'dto' | ReadonlySet<string>;
type Controller = abstract new (...args: never[]) => object;

/**
 * Refuses query-string parameters that the handler does not take: otherwise `?junk=1`, `?junk=2` … would be as many
 * URLs of the same thing. What a handler takes is read from its own `@Query()` parameters, so it cannot be forgotten.
 */
@ByUrl()
@Injectable()
export class QueryGuard implements CanActivate, OnApplicationBootstrap {
  /** By the functions that the router calls: a decorator may have put any function in a method's place. */
  private readonly rules = new Map<unknown, QueryRule>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onApplicationBootstrap(): void {
    for (const { metatype, instance } of this.discovery.getControllers()) {
      const controller = metatype as Controller;
      for (const method of this.scanner.getAllMethodNames(controller.prototype)) {
        const methods = (instance ?? controller.prototype) as Record<string, unknown>;
        this.rules.set(methods[method], queryRule(controller, method));
      }
    }
  }

  canActivate(context: ExecutionContext): boolean {
    // A message has no query string, and the arguments of a resolver are not in it.
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const mark = request.url.indexOf('?');
    if (mark === -1) return true;
    requireWellFormed(request.url.slice(mark + 1));
    // Unknown is only a function that a controller in request scope makes for each request. What it takes cannot be told.
    const rule = this.rules.get(context.getHandler()) ?? 'dto';
    if (rule !== 'dto') check(request.query as Record<string, unknown>, rule);
    return true;
  }
}

function queryRule(controller: Controller, method: string): QueryRule {
  // Keys are `<kind>:<index of the parameter>`.
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as Record<string, { data?: unknown }>;
  const queries = Object.entries(args).filter(([key]) => key.startsWith(`${RouteParamtypes.QUERY}:`));
  if (queries.some(([, { data }]) => data === undefined)) return 'dto';
  return new Set(queries.map(([, { data }]) => String(data)));
}

function check(query: Record<string, unknown>, names: ReadonlySet<string>): void {
  const errors: FieldError[] = Object.entries(query).flatMap(([name, value]) => {
    if (!names.has(name)) return [unknownField(name)];
    return Array.isArray(value) ? [{ field: name, message: 'must be given once' }] : [];
  });
  if (errors.length > 0) throw new InvalidProblem(errors.slice(0, 50));
}

/** The parser leaves a broken escape (`%zz`, bytes that are not UTF-8) as it stands; two URLs would mean one thing. */
function requireWellFormed(query: string): void {
  try {
    decodeURIComponent(query);
  } catch {
    throw new MalformedProblem('The query string is not percent-encoded UTF-8.');
  }
}
