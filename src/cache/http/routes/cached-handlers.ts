import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { CACHED_RESPONSE, type CachedHandler } from './cached-response-options.js';

export type Class = abstract new (...args: never[]) => object;
export type Handler = (...args: never[]) => unknown;
/** A controller: its methods by their names. */
export type Controller = Record<string, Handler>;

/** A method of `@CachedResponse`, as the router calls it. */
export interface FoundHandler {
  readonly controller: Class;
  readonly instance: Controller;
  readonly method: string;
  readonly handler: Handler;
  readonly options: CachedHandler;
  /** Its controller is made anew for each request. */
  readonly isPerRequest: boolean;
}

/**
 * Every cached handler of the application. Another decorator, or the controller's constructor, may have put another
 * function in its place, with all, part or none of its metadata and with any name.
 */
@Injectable()
export class CachedHandlers {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  all(): FoundHandler[] {
    return this.discovery.getControllers().flatMap((wrapper) => {
      const controller = wrapper.metatype as Class;
      const prototype = controller.prototype as Controller;
      const isPerRequest = !wrapper.isDependencyTreeStatic();
      const instance = (wrapper.instance ?? Object.create(prototype)) as Controller;
      return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
        const options = optionsOf(prototype, method);
        return options ? [{ controller, instance, method, handler: instance[method]!, options, isPerRequest }] : [];
      });
    });
  }
}

/** Beside the function, since what wraps it may have dropped them; but not for a method that overrides a cached one. */
function optionsOf(prototype: Controller, method: string): CachedHandler | undefined {
  const kept = Reflect.getMetadata(CACHED_RESPONSE, prototype[method]!) as CachedHandler | undefined;
  return kept ?? (Reflect.getOwnMetadata(CACHED_RESPONSE, ownerOf(prototype, method), method) as CachedHandler | undefined);
}

/** The class's prototype that the method is defined in. */
function ownerOf(prototype: object, method: string): object {
  return Object.hasOwn(prototype, method) ? prototype : ownerOf(Object.getPrototypeOf(prototype) as object, method);
}
