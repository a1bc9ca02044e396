import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MalformedProblem, Problem, type ProblemCode } from './problem.js';
import { problemOf } from './translate.js';

const CODE_OF_PARSER_ERROR: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'content-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/** Answers what Node.js's HTTP parser could not read; there is no request then, only a socket. */
export function answerParserError(error: Error & { code?: string }, socket: Socket): void {
  const inFlight = (socket as Socket & { _httpMessage?: ServerResponse | null })._httpMessage;
  // Bytes written into an answer that has begun would be read as part of it.
  if (error.code === 'ECONNRESET' || !socket.writable || inFlight?.headersSent) {
    socket.destroy(error);
    return;
  }
  const code = CODE_OF_PARSER_ERROR[error.code ?? ''] ?? 'malformed-request';
  const problem = new Problem(code, { detail: 'The request is not valid HTTP.' });
  const { status, title } = problem.body;
  const body = JSON.stringify(problem.body);
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\nCache-Control: no-store\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** Answers what Fastify's router could not read (a path with a broken escape); no hook and no filter has run. */
export function answerRouterError(error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  const broken = (error as { code?: string }).code === 'FST_ERR_BAD_URL';
  const problem = broken ? new MalformedProblem('The path is not percent-encoded UTF-8.') : problemOf(error);
  void reply
    .code(problem.getStatus())
    .header('content-type', 'application/problem+json')
    .header('cache-control', 'no-store')
    .send(Buffer.from(JSON.stringify(problem.body)));
}
