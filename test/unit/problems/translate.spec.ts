import { BadRequestException, NotFoundException } from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import { NotFoundProblem, Problem, PROBLEM_STATUS, problemOf } from '../../../src/problems/index.js';

function postgres(code: string, fields: object = {}): QueryFailedError {
  return new QueryFailedError('SELECT secret', [], Object.assign(new Error('inner words'), { code, ...fields }));
}

describe('problemOf', () => {
  it('leaves a problem as it is', () => {
    const problem = new NotFoundProblem('There is no product 1.');
    expect(problemOf(problem)).toBe(problem);
  });

  it('names the field of a unique violation, and not its value', () => {
    const { body } = problemOf(postgres('23505', { detail: 'Key (name)=(Secret Lamp) already exists.' }));
    expect(body).toMatchObject({ status: 409, code: 'already-taken', errors: [{ field: 'name' }] });
    expect(JSON.stringify(body)).not.toContain('Secret');
  });

  it.each(['22003', '22021', '22P02', '23514', '23502'])('turns data that the database refuses (%s) into 422', (code) => {
    expect(problemOf(postgres(code)).body).toMatchObject({ status: 422, code: 'invalid-input' });
  });

  it.each([
    ['22003', { message: 'value "99999999999" is out of range for type integer' }, 'must be between -2147483648 and 2147483647'],
    ['22003', { message: 'numeric field overflow' }, 'is out of range'],
    ['22001', { message: 'value too long for type character varying(255)' }, 'must be at most 255 characters long'],
    ['22P02', { message: 'invalid input syntax for type uuid: "x"' }, 'is not a valid value of its type'],
    ['22021', {}, 'must be valid UTF-8 without NUL'],
    ['23502', { column: 'price' }, 'must not be null'],
    ['23514', { constraint: 'price_range' }, 'breaks the rule price_range'],
  ])('names what is accepted in place of data that the database refuses (%s %j)', (code, fields, message) => {
    const field = (fields as { column?: string }).column ?? 'value';
    expect(problemOf(postgres(code, fields)).body.errors).toEqual([{ field, message }]);
  });

  it.each(['40001', '40P01', '55P03', '57014', '57P01', '08006', '53300', '25006'])(
    'says of SQLSTATE %s when to come back',
    (code) => {
      const problem = problemOf(postgres(code));
      expect(problem.body.status).toBe(503);
      expect(Number(problem.headers['retry-after'])).toBeGreaterThan(0);
    },
  );

  it.each([postgres('42601'), new TypeError('undefined is not a function'), 'a string', undefined, null])(
    'says nothing of an error that is no client’s business: %p',
    (error) => {
      const { body } = problemOf(error);
      expect(body).toEqual({ type: 'about:blank', title: 'Internal Server Error', status: 500, code: 'internal-error' });
    },
  );

  it('takes the status of Nest’s exceptions and of Fastify’s errors', () => {
    expect(problemOf(new BadRequestException('no')).body).toMatchObject({ status: 400, detail: 'no' });
    expect(problemOf(new NotFoundException('Cannot GET /x')).body.detail).not.toContain('/x');
    expect(problemOf(Object.assign(new Error('big'), { statusCode: 413 })).body.status).toBe(413);
    expect(problemOf(Object.assign(new Error('odd'), { statusCode: 418 })).body).toMatchObject({ status: 400 });
  });

  it('does not pass on a status of 500 with its words', () => {
    const { body } = problemOf(Object.assign(new Error('inner words'), { statusCode: 502 }));
    expect(body).toEqual({ type: 'about:blank', title: 'Internal Server Error', status: 500, code: 'internal-error' });
  });
});

it.each(Object.entries(PROBLEM_STATUS))('the problem %s has status %i and a title', (code, status) => {
  const { body } = new Problem(code as keyof typeof PROBLEM_STATUS);
  expect(body).toEqual({ type: 'about:blank', title: expect.stringMatching(/^[A-Z]/), status, code });
});
