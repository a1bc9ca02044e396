import { QueryFailedError } from 'typeorm';
import { isDatabaseUnavailable } from '../../../../src/cache/postgres/unavailable.js';

const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code });
const failed = (driverError: Error) => new QueryFailedError('SELECT 1', [], driverError);

describe('a database error', () => {
  it.each([
    coded('ECONNREFUSED'),
    coded('ENOENT'),
    coded('08006'),
    coded('57P01'),
    coded('57P03'),
    coded('53300'),
    coded('25006'),
    failed(coded('57P02')),
    failed(new Error('Connection terminated unexpectedly')),
    new Error('timeout exceeded when trying to connect'),
    new Error('Connection terminated due to connection timeout', { cause: new Error('x') }),
    new Error('it failed', { cause: failed(coded('ECONNRESET')) }),
    new AggregateError([new Error('x'), coded('ECONNREFUSED')]),
  ])('means that no server answers: %p', (error) => {
    expect(isDatabaseUnavailable(error)).toBe(true);
  });

  it.each([
    coded('23505'),
    failed(coded('22003')),
    coded('57014', 'canceling statement due to statement timeout'),
    coded('22P02', 'invalid input syntax for type integer: "Connection terminated"'),
    new Error('x'),
    'ECONNREFUSED',
    null,
    undefined,
  ])('means that a statement was refused: %p', (error) => {
    expect(isDatabaseUnavailable(error)).toBe(false);
  });

  it('that is its own cause is looked through once', () => {
    const error = new Error('x');
    error.cause = error;
    expect(isDatabaseUnavailable(error)).toBe(false);
  });
});
