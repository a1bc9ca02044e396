import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import request from 'supertest';
import { knownFields } from '../../src/problems/validate.js';
import { ListProducts } from '../../src/products/list-products.js';
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
  const tags = document.tags!.map(({ name }) => name);
  for (const { operation } of operationsOf(document)) {
    expect(operation).toMatchObject({ operationId: expect.any(String), summary: expect.any(String) });
    expect(operation.tags).toHaveLength(1);
    expect(tags).toContain(operation.tags![0]);
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

it('describes every field of a product', async () => {
  const product = (await api().get('/api/v1/products/1')).body as object;
  const described = document.components!.schemas!['Product'] as { properties: object; required: string[] };
  expect(Object.keys(described.properties)).toEqual(Object.keys(product));
  expect(described.required).toEqual(Object.keys(product));
});

type Operation = ReturnType<typeof operationsOf>[number];

function queryOf({ path, operation }: Operation): string[] {
  const parameters = [...(document.paths[path]!.parameters ?? []), ...(operation.parameters ?? [])];
  return parameters.flatMap((parameter) => ('name' in parameter && parameter.in === 'query' ? [parameter.name] : [])).sort();
}

/** Whether the operation knows a query parameter of this name, whatever it says to its value. */
async function takes({ path, method }: Operation, name: string): Promise<boolean> {
  const answer = await api()[method](`${path.replace('{id}', '1')}?${name}=`);
  const errors = (answer.body as { errors?: { field: string; message: string }[] }).errors ?? [];
  return !errors.some(({ field, message }) => field === name && message.startsWith('unknown parameter'));
}

it('names every query parameter that an operation takes, and no other', async () => {
  const operations = operationsOf(document);
  const names = new Set(['junk', ...knownFields(ListProducts), ...operations.flatMap(queryOf)]);
  for (const operation of operations) {
    const taken: string[] = [];
    for (const name of names) if (await takes(operation, name)) taken.push(name);
    expect([nameOf(operation), taken.sort()]).toEqual([nameOf(operation), queryOf(operation)]);
  }
});

it('is shown by a page that runs under its own policy and asks past the browser cache', async () => {
  const page = await api().get('/docs');
  expect(page.status).toBe(200);
  expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  // No script stands in the page itself, where the policy would forbid it.
  expect(page.text).not.toMatch(/<script>/);
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(
    ([, source]) => new URL(source!, `${running.url}/docs`).pathname,
  );
  expect(sources.length).toBeGreaterThan(3);
  for (const source of sources) expect((await api().get(source)).status).toBe(200);
  const script = (await api().get('/docs/swagger-ui-init.js')).text;
  expect(script).toMatch(/requestInterceptor[\s\S]{0,80}cache = ['"]no-store['"]/);
  expect((await api().get('/docs/package.json')).status).toBe(404);
});

it('is loaded by the page from where a proxy may have put the service', async () => {
  const [windowed, asked]: [{ onload?: () => void }, unknown[]] = [{}, []];
  const SwaggerUIBundle = Object.assign((options: unknown) => asked.push(options), { presets: {}, plugins: {} });
  const currentScript = { src: 'https://shop.example/catalogue/docs/swagger-ui-init.js' };
  runInNewContext((await api().get('/docs/swagger-ui-init.js')).text, {
    URL,
    SwaggerUIBundle,
    SwaggerUIStandalonePreset: {},
    document: { currentScript },
    window: windowed,
  });
  windowed.onload?.();
  expect(asked).toEqual([
    expect.objectContaining({ url: 'https://shop.example/catalogue/docs-json', persistAuthorization: true }),
  ]);
});
