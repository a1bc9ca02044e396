import type { Response } from 'supertest';

/** The answer is a problem (RFC 9457) as the contract has it, which gives nothing of the inside away. */
export function expectProblem(answer: Response, status: number, field?: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.body).toMatchObject({ type: 'about:blank', status, title: expect.any(String), code: expect.any(String) });
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|\.js:|SELECT|INSERT/);
  if (field !== undefined) {
    expect((answer.body.errors as { field: string }[]).map((error) => error.field)).toContain(field);
  }
}
