import { type ExecutionContext, HttpException, Injectable, StreamableFile } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Selected } from './resource.js';

const OF_THE_CACHE = new Set(['cache-control', 'cache-status', 'age', 'vary']);

/** Hands an answer's head to the framework, and its bytes in the form in which the framework sends them as they are. */
@Injectable()
export class Sender {
  constructor(private readonly host: HttpAdapterHost) {}

  /** @returns what an interceptor is to give for a handler's value */
  send(context: ExecutionContext, { status, head, body }: Selected): unknown {
    const { httpAdapter } = this.host;
    const response = context.switchToHttp().getResponse<object>();
    httpAdapter.status(response, status);
    for (let i = 0; i < head.length; i += 2) httpAdapter.setHeader(response, head[i]!, head[i + 1]!);
    return this.bytes(typeof body === 'string' ? Buffer.from(body, 'latin1') : body);
  }

  /** The headers that tell of the cache, and the error for the application's exception filters. @throws HttpException */
  fail(context: ExecutionContext, { status, head }: Selected, response: string | object): never {
    const own = context.switchToHttp().getResponse<object>();
    for (let i = 0; i < head.length; i += 2)
      if (OF_THE_CACHE.has(head[i]!)) this.host.httpAdapter.setHeader(own, head[i]!, head[i + 1]!);
    throw new HttpException(response, status);
  }

  /** Express' adapter makes JSON of a Buffer. */
  bytes(body: Buffer | undefined): unknown {
    return body && this.host.httpAdapter.getType() === 'express' ? new StreamableFile(body) : body;
  }
}
