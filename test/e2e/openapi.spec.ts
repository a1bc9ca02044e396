import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import request from 'supertest';
import { type RunningApp, startApp } from '../support/app.js';

const run = promisify(execFile);
const METHODS = ['get', 'post', 'put', 'delete', 'patch'] as const;

let running: RunningApp;
let document: OpenAPIObject;
const api = () => request(running.url);

function operationsOf({ paths }: OpenAPIObject) {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method] !== undefined).map((method) => ({ path, method, operation: item[method]! })),
  );
}

function nameOf({ path, method }: { path: string; method: string }): string {
  return `${method} ${path}`;
}

beforeAll(async () => {
  running = await startApp();
  document = (await api().get('/docs-json')).body as OpenAPIObject;
});

afterAll(() => running?.close());

it('has no complaint of redocly with its recommended rules', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'openapi-'));
  try {
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NODE_OPTIONS: '' };
    const redocly = ['node_modules/@redocly/cli/bin/cli.js', 'lint', file, '--extends', 'recommended', '--format', 'json'];
    const { stdout } = await run(process.execPath, redocly, { env });
    expect(JSON.parse(stdout.slice(stdout.indexOf('{')))).toMatchObject({ totals: { errors: 0, warnings: 0 } });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('names every route that is served, and no other', () => {
  // Scanned from the controllers.
  const scanned = SwaggerModule.createDocument(running.app, new DocumentBuilder().build());
  expect(operationsOf(document).map(nameOf)).toEqual(expect.arrayContaining(operationsOf(scanned).map(nameOf)));
  expect(operationsOf(document)).toHaveLength(operationsOf(scanned).length);
});

it('gives every operation an id, a summary, a tag, a success and a problem', () => {
  for (const { operation } of operationsOf(document)) {
    expect(operation).toMatchObject({ operationId: expect.any(String), summary: expect.any(String) });
    const statuses = Object.keys(operation.responses);
    expect(statuses.some((status) => status.startsWith('2'))).toBe(true);
    expect(statuses).toContain('422');
  }
});

function example(schema: string): object {
  return (document.components!.schemas![schema] as { example: object }).example;
}

it('has examples that work on the sample data', async () => {
  const created = await api().post('/api/v1/products').send(example('CreateProduct'));
  expect(created.status).toBe(201);
  const changed = await api().put('/api/v1/products/1').send(example('UpdateProduct'));
  expect(changed.status).toBe(200);
  expect((await api().post('/api/v1/cache/invalidate').send({ pattern: 'product:1' })).status).toBe(200);
  for (const path of ['/api/v1/products', '/api/v1/products/1', '/api/v1/cache/stats', '/health', '/metrics']) {
    expect((await api().get(path)).status).toBe(200);
  }
});

it('describes every field of a product, and every query parameter that is taken', async () => {
  const product = (await api().get('/api/v1/products/1')).body as object;
  const described = document.components!.schemas!['Product'] as { properties: object; required: string[] };
  expect(Object.keys(described.properties)).toEqual(Object.keys(product));
  expect(described.required).toEqual(Object.keys(product));
  const names = document.paths['/api/v1/products']!.get!.parameters!.map((parameter) => ('name' in parameter ? parameter : null));
  const query = names.filter((parameter) => parameter?.in === 'query').map((parameter) => parameter!.name);
  expect(query.sort()).toEqual(['after', 'category', 'limit', 'max_price', 'min_price', 'offset', 'search', 'sort']);
});

it('is shown by a page that runs under its own policy and asks past the browser cache', async () => {
  const page = await api().get('/docs');
  expect(page.status).toBe(200);
  expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  // No script stands in the page itself, where the policy would forbid it.
  expect(page.text).not.toMatch(/<script>/);
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => new URL(source!, `${running.url}/docs`).pathname);
  expect(sources.length).toBeGreaterThan(3);
  for (const source of sources) expect((await api().get(source)).status).toBe(200);
  const script = (await api().get('/docs/swagger-ui-init.js')).text;
  expect(script).toMatch(/requestInterceptor[\s\S]{0,80}cache = ['"]no-store['"]/);
});
