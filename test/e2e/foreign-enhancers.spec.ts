import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type CallHandler,
  type CanActivate,
  ClassSerializerInterceptor,
  Controller,
  type ExecutionContext,
  ForbiddenException,
  Get,
  type INestApplication,
  Module,
  type NestInterceptor,
  Param,
  ParseIntPipe,
  Put,
  Query,
  ValidationPipe,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, NestFactory, Reflector } from '@nestjs/core';
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
  get(@Param('id', ParseIntPipe) id: number) {
    return this.readers.findOneByOrFail({ id });
  }

  @Put(':id/:name')
  async put(@Param('id', ParseIntPipe) id: number, @Param('name') name: string) {
    await this.readers.update({ id }, { name });
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
