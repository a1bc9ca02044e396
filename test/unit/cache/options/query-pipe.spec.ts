import { ConflictException, ParseIntPipe, ValidationPipe } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional } from 'class-validator';
import { QueryPipe } from '../../../../src/cache/options/query-pipe.js';
import { resolveOptions } from '../../../../src/cache/options/resolve.js';

class ListToys {
  /** Not to be transformed twice: of the boolean it would make another one. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => value === 'true')
  @IsBoolean()
  sold?: boolean;
}

describe('the query of a cached handler', () => {
  it('is validated by the application’s global pipe, which may be given when the module is there', async () => {
    const pipes: object[] = [new ParseIntPipe()];
    const pipe = new QueryPipe(() => pipes);
    expect(pipe.isApplications).toBe(false);
    pipes.push(
      new ValidationPipe({
        transform: true,
        whitelist: true,
        forbidNonWhitelisted: true,
        exceptionFactory: () => new ConflictException(),
      }),
    );
    expect(pipe.isApplications).toBe(true);
    expect(await pipe.validate(ListToys, { sold: 'true' })).toEqual({ sold: true });
    await expect(pipe.validate(ListToys, { junk: '1' })).rejects.toThrow(ConflictException);
  });

  it('is validated without one, too, and unknown parameters are an error', async () => {
    const pipe = new QueryPipe(() => []);
    expect(await pipe.validate(ListToys, { sold: 'true' })).toEqual({ sold: true });
    await expect(pipe.validate(ListToys, { junk: '1' })).rejects.toMatchObject({ status: 400 });
  });

  it.each([
    ['the application’s pipe, which makes the handler’s DTO', {}, [new ValidationPipe()], true],
    ['the module’s own', {}, [], false],
    ['what the options give', { validateQuery: () => ({}) }, [new ValidationPipe()], false],
  ])('is read by %s', (_what, options, pipes, pipeValidates) => {
    expect(resolveOptions(options, {}, () => pipes).pipeValidates()).toBe(pipeValidates);
  });
});
