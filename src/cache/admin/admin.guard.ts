import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';

/**
 * Requires the admin token as a bearer token (RFC 6750). Without a token it lets direct loopback clients pass
 * (a proxy on this host forwards strangers), and in production no client.
 */
@Injectable()
export class AdminGuard implements CanActivate {
  private readonly token: Buffer | null;
  private readonly production: boolean;

  constructor(@Inject(CACHE_SETTINGS) { adminToken, production }: CacheSettings) {
    this.token = adminToken === null ? null : digest(adminToken);
    this.production = production;
  }

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (this.token) return this.hasToken(request, this.token) || this.unauthorized(http.getResponse<FastifyReply>());
    if (this.production) throw new ForbiddenException('Set CACHING_ADMIN_TOKEN to use these routes in production.');
    if (!isDirectLoopback(request)) {
      throw new ForbiddenException('Without CACHING_ADMIN_TOKEN only clients on the same host may use these routes.');
    }
    return true;
  }

  private hasToken({ headers }: FastifyRequest, token: Buffer): boolean {
    const given = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
    return given !== undefined && timingSafeEqual(digest(given), token);
  }

  private unauthorized(reply: FastifyReply): never {
    void reply.header('www-authenticate', 'Bearer realm="cache"');
    throw new UnauthorizedException('These routes need the admin token as a bearer token.');
  }
}

/** Equal lengths, so that the comparison takes the same time whatever was guessed. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function isDirectLoopback({ raw, headers }: FastifyRequest): boolean {
  const forwarded = Object.keys(headers).some((name) => name === 'forwarded' || name.startsWith('x-forwarded-'));
  const address = raw.socket.remoteAddress ?? '';
  return !forwarded && /^(?:::ffff:)?127\.|^::1$/.test(address);
}
