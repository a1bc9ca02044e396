import { type ExecutionContext, Injectable, StreamableFile } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Selected } from './resource.js';

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

  /** Express' adapter makes JSON of a Buffer. */
  bytes(body: Buffer | undefined): unknown {
    return body && this.host.httpAdapter.getType() === 'express' ? new StreamableFile(body) : body;
  }
}
