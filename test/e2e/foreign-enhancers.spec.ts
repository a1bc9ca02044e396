import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  ClassSerializerInterceptor,
  Controller,
  type ExecutionContext,
  ForbiddenException,
  Get,
  HttpException,
  type INestApplication,
  Module,
  type NestInterceptor,
  NotFoundException,
  Param,
  ParseIntPipe,
  Put,
  Query,
  ValidationPipe,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, BaseExceptionFilter, NestFactory, Reflector } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Exclude, Type } from 'class-transformer';
import { IsInt } from 'class-validator';
import { map } from 'rxjs';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner, type Repository } from 'typeorm';
import { ByUrl, CachedResponse, cacheMigrations, CacheModule, defineCache, watchTable } from '../../src/cache/index.js';
import { CacheProbe } from '../../src/cache/testing/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

@Entity('readers')
class Reader {
  @PrimaryColumn('integer')
  id: number;

  @Column('text')
  name: string;

  @Exclude()
  @Column('text')
  secret: string;
}

class Readers1800000000001 implements MigrationInterface {
  readonly name = 'Readers1800000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE readers (id integer PRIMARY KEY, name text NOT NULL, secret text NOT NULL)');
    await watchTable(runner, { table: 'readers' });
    await runner.query(`INSERT INTO readers SELECT id, 'reader ' || id, 'hidden' FROM generate_series(1, 9) id`);
  }

  down = (runner: QueryRunner) => runner.query('DROP TABLE readers');
}

const readerCache = defineCache({ table: 'readers', item: { prefix: 'reader' }, list: { prefix: 'readers' } });

class ListReaders {
  @Type(() => Number)
  @IsInt()
  limit: number;
}

/** As many applications wrap all that they answer. */
class Envelope implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

/** Marked, so that nothing but the default keeps its hits out of the fast lane. */
@ByUrl()
class Doorkeeper implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    if (headers['x-stranger']) throw new ForbiddenException();
    return true;
  }
}

@Controller('readers')
class ReadersController {
  constructor(@InjectRepository(Reader) private readonly readers: Repository<Reader>) {}

  @Get()
  @CachedResponse(readerCache.list, { query: ListReaders })
  list(@Query() { limit }: ListReaders) {
    return this.readers.find({ order: { id: 'ASC' }, take: limit });
  }

  @Get(':id')
  @CachedResponse(readerCache.item, { param: 'id' })
  async get(@Param('id', ParseIntPipe) id: number) {
    const reader = await this.readers.findOneBy({ id });
    if (!reader) throw new NotFoundException(`no reader ${id}`);
    return reader;
  }

  @Put(':id/:name')
  async put(@Param('id', ParseIntPipe) id: number, @Param('name') name: string) {
    await this.readers.update({ id }, { name });
  }
}

/** Its answers are the application's own. */
@Catch(HttpException)
class OwnErrors extends BaseExceptionFilter {
  override catch(error: HttpException, host: ArgumentsHost): void {
    super.catch(new HttpException({ own: error.message }, error.getStatus()), host);
  }
}

let database: TestDatabase;

/** Providers stand in front of the cache's module, so that their interceptors would be outside of its own. */
function shopOf(): new () => object {
  @Module({
    imports: [
      TypeOrmModule.forRoot({
        type: 'postgres',
        url: database.url,
        entities: [Reader],
        migrations: [...cacheMigrations, Readers1800000000001],
        migrationsRun: true,
      }),
      TypeOrmModule.forFeature([Reader]),
      CacheModule.forRoot(),
      CacheModule.forFeature(readerCache),
    ],
    controllers: [ReadersController],
    providers: [
      { provide: APP_INTERCEPTOR, useClass: Envelope },
      { provide: APP_GUARD, useClass: Doorkeeper },
    ],
  })
  class Shop {}
  return Shop;
}

beforeAll(async () => {
  database = await createDatabase();
});

afterAll(() => database?.drop());

describe.each([
  ['Fastify', () => new FastifyAdapter()],
  ['Express', () => new ExpressAdapter()],
])('on %s, in an application with a prefix, guards, pipes and interceptors of its own', (_name, adapterOf) => {
  let app: INestApplication;
  let probe: CacheProbe;

  beforeAll(async () => {
    app = await NestFactory.create(shopOf(), adapterOf(), { logger: false, abortOnError: false });
    app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
      if (!request.headers['x-blocked']) return next();
      response.statusCode = 401;
      response.end();
    });
    app.useGlobalFilters(new OwnErrors(app.getHttpAdapter()));
    app.setGlobalPrefix('api');
    app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
    app.useGlobalInterceptors(new ClassSerializerInterceptor(app.get(Reflector)));
    probe = await CacheProbe.of(app);
  });

  afterAll(() => app?.close());

  it('what its interceptors make of an answer is what is cached', async () => {
    const first = await probe.get('/api/readers/1');
    expect(JSON.parse(first.body)).toEqual({ data: { id: 1, name: expect.any(String) } });
    const hit = await probe.expectHit('/api/readers/1');
    expect([hit.body, hit.headers.get('etag')]).toEqual([first.body, first.headers.get('etag')]);
    const { status } = await probe.get('/api/readers/1', { headers: { 'if-none-match': hit.headers.get('etag')! } });
    expect(status).toBe(304);
  });

  it('its guards are asked before each hit', async () => {
    await probe.expectHit('/api/readers/2');
    expect((await probe.get('/api/readers/2', { headers: { 'x-stranger': '1' } })).status).toBe(403);
  });

  it('its middleware is asked before each hit', async () => {
    for (let hits = 0; hits < 6; hits++) await probe.expectHit('/api/readers/4');
    expect((await probe.get('/api/readers/4', { headers: { 'x-blocked': '1' } })).status).toBe(401);
  });

  it('its exception filters answer what is not there, from the cache, too', async () => {
    for (const outcome of ['miss', 'hit']) {
      expect(await probe.get('/api/readers/77')).toMatchObject({ status: 404, outcome, body: '{"own":"no reader 77"}' });
    }
  });

  it('lists are cached by what its pipe makes of the query', async () => {
    const hit = await probe.expectHit('/api/readers?limit=2');
    expect((JSON.parse(hit.body) as { data: unknown[] }).data).toHaveLength(2);
    expect(await probe.get('/api/readers?limit=02')).toMatchObject({ outcome: 'hit', body: hit.body });
    expect((await probe.get('/api/readers?limit=2&junk=1')).status).toBe(400);
    expect((await probe.get('/api/readers?limit=x')).status).toBe(400);
  });

  it('a write is seen at once', async () => {
    for (const path of ['/api/readers/3', '/api/readers?limit=3']) {
      const name = `n${Date.now()}`;
      const put = () => fetch(`${probe.origin}/api/readers/3/${name}`, { method: 'PUT' });
      expect((await probe.expectDropped(path, put)).body).toContain(name);
    }
  });
});

it('on a server of the application’s own in front of its Express, too, a write is seen at once through another instance', async () => {
  const express = new ExpressAdapter();
  const apps = await Promise.all(
    [express, new ExpressAdapter()].map((adapter) => NestFactory.create(shopOf(), adapter, { logger: false })),
  );
  const [writer, reader] = apps as [INestApplication, INestApplication];
  await writer.init();
  const server = createServer(express.getInstance<RequestListener>());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const probe = await CacheProbe.of(reader);
    const { port } = server.address() as AddressInfo;
    for (let round = 0; round < 10; round++) {
      await probe.expectHit('/readers/5');
      expect((await fetch(`http://127.0.0.1:${port}/readers/5/round-${round}`, { method: 'PUT' })).status).toBe(200);
      expect((await probe.get('/readers/5')).body).toContain(`round-${round}`);
    }
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    for (const app of apps) await app.close();
  }
});
