import { type ArgumentsHost, BadRequestException, Catch, ConflictException, ServiceUnavailableException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { isDatabaseUnavailable } from 'starkpulse-caching/cache';
import { QueryFailedError } from 'typeorm';

/** Answers what PostgreSQL refuses, such as a number out of range, as what it is: the client's fault. */
@Catch()
export class DatabaseFaultFilter extends BaseExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost): void {
    super.catch(translate(error), host);
  }
}

/** By SQLSTATE. */
function translate(error: unknown): unknown {
  if (isDatabaseUnavailable(error)) return new ServiceUnavailableException();
  const code = error instanceof QueryFailedError ? (error.driverError as { code?: string }).code : undefined;
  if (code === '23505') return new ConflictException();
  // Data exceptions, and other broken constraints.
  return code?.startsWith('22') || code?.startsWith('23') ? new BadRequestException() : error;
}
