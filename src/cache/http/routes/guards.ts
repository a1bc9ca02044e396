import { type CanActivate, type ExecutionContext, Injectable, type Type, VersioningType } from '@nestjs/common';
import { GUARDS_METADATA, HOST_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig } from '@nestjs/core';
import { BY_URL } from './by-url.js';

type Guard = CanActivate | Type;

/** Whether the URL alone decides what a handler's hits are answered, so that the router need not be asked again. */
@Injectable()
export class Guards {
  constructor(private readonly config: ApplicationConfig) {}

  allByUrl(context: ExecutionContext): boolean {
    const { config } = this;
    if (config.getGlobalRequestGuards().length > 0 || config.getGlobalPreRequestHooks().length > 0) return false;
    // Another host or version may have another handler at the same URL.
    const versioning = config.getVersioning();
    if (versioning && versioning.type !== VersioningType.URI) return false;
    if (Reflect.getMetadata(HOST_METADATA, context.getClass()) !== undefined) return false;

    const own = [context.getClass(), context.getHandler()].flatMap(
      (target) => (Reflect.getMetadata(GUARDS_METADATA, target) ?? []) as Guard[],
    );
    const all = [...config.getGlobalGuards(), ...own];
    // Its own mark: what is derived from a marked one may ask for more.
    return all.every((one) => Reflect.getOwnMetadata(BY_URL, typeof one === 'function' ? one : one.constructor) === true);
  }
}
