import {
  All,
  Body,
  Controller,
  createParamDecorator,
  Get,
  Head,
  Headers,
  HostParam,
  Injectable,
  Ip,
  Next,
  Param,
  ParseIntPipe,
  Post,
  Query,
  RawBody,
  Req,
  Res,
  Session,
  UploadedFile,
  HttpCode,
  Header,
  Redirect,
  Render,
  Sse,
} from '@nestjs/common';
import { type DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { WatchedTables } from '../../../../src/cache/core/row-key.js';
import {
  CachedQuery,
  CachedResponse,
  type CachedResponseOptions,
  defineCache,
  type Dependency,
  type Partition,
} from '../../../../src/cache/index.js';
import { CachedHandlers } from '../../../../src/cache/http/routes/cached-handlers.js';
import { CachedRoutes } from '../../../../src/cache/http/routes/cached-routes.js';
import type { CacheSettings } from '../../../../src/cache/options/options.js';
import { CachedQueries } from '../../../../src/cache/query/cached-queries.js';
import type { CacheRuntime } from '../../../../src/cache/runtime/runtime.js';
import { definitionsOf } from '../../../support/definitions.js';
import { Subjects } from '../../../../src/cache/caches/subjects.js';

const authors = defineCache({ table: 'authors', item: { prefix: 'author' }, list: { prefix: 'authors' } });
const shelves = defineCache({ table: 'shelves', item: { prefix: 'shelf' }, list: { prefix: 'shelves' } });
const ghosts = defineCache({ table: 'ghosts', item: { prefix: 'ghost' }, list: { prefix: 'ghosts' } });
const haunted = defineCache({
  table: 'houses',
  item: { prefix: 'house', dependsOn: [ghosts] },
  list: { prefix: 'houses', dependsOn: ['ghosts'] },
});

const ID = { columns: ['id'], types: ['int4'] } as const;
const WATCHED: WatchedTables = new Map([
  ['authors', [ID, { columns: ['slug'], types: ['text'] }]],
  ['shelves', [{ columns: ['shelf', 'slot'], types: ['text', 'int4'] }]],
  ['houses', [ID]],
]);

class Dto {}
const Visitor = createParamDecorator(() => 'somebody');

type Class = new (...args: never[]) => object;
const subjects = () => new Subjects({ watched: WATCHED } as CacheRuntime, definitionsOf(authors, shelves, ghosts, haunted));
const SETTINGS = { queries: true } as CacheSettings;
const found = (classes: readonly Class[], isStatic: boolean) =>
  classes.map((metatype) => ({ metatype, isDependencyTreeStatic: () => isStatic }));

/** What the start of an application with these controllers says. */
function startOf(controllers: readonly Class[], isStatic = true): string {
  const discovery = { getControllers: () => found(controllers, isStatic) } as unknown as DiscoveryService;
  return messageOf(() => new CachedRoutes(new CachedHandlers(discovery, new MetadataScanner()), subjects(), SETTINGS).discover());
}

/** Likewise with these providers. */
function startWith(providers: readonly Class[], isStatic = true): string {
  const discovery = { getControllers: () => [], getProviders: () => found(providers, isStatic) } as unknown as DiscoveryService;
  return messageOf(() => new CachedQueries(discovery, subjects(), SETTINGS).discover());
}

/** Empty: it starts. */
function messageOf(start: () => void): string {
  try {
    start();
    return '';
  } catch (error) {
    expect(error).toMatchObject({ code: 'CACHE_BAD_DEFINITION' });
    const { message } = error as Error;
    expect(message).not.toContain('\n');
    return message;
  }
}

/** A controller with one cached handler; `take` decorates its one argument. */
function handler(
  partition: Partition,
  options: CachedResponseOptions = {},
  path = ':id',
  take: ParameterDecorator = Param('id', ParseIntPipe),
  verb = Get,
): Class {
  class AuthorsController {
    show(_argument: unknown) {
      return {};
    }
  }
  const { prototype } = AuthorsController;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'show')!;
  take(prototype, 'show', 0);
  CachedResponse(partition, options)(prototype, 'show', descriptor);
  verb(path)(prototype, 'show', descriptor);
  Controller('authors')(AuthorsController);
  return AuthorsController;
}

const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`);
const byAuthor = { param: 'id' };
const item = (options: CachedResponseOptions, path?: string, take?: ParameterDecorator, verb?: typeof Get) =>
  handler(authors.item, options, path, take, verb);
const vary = (given: unknown) => item({ ...byAuthor, vary: given } as CachedResponseOptions);
const taking = (take: ParameterDecorator, more: CachedResponseOptions = {}) => item({ ...byAuthor, ...more }, ':id', take);

describe('the start of an application says in one line why a handler’s answers could not be kept true', () => {
  it.each<[what: string, controller: Class, message: string]>([
    ...(
      [
        ['@HttpCode()', HttpCode(203)],
        ['@Header()', Header('cache-control', 'private')],
        ['@Redirect()', Redirect('/x')],
        ['@Render()', Render('page')],
        ['@Sse()', Sse('events')],
      ] as const
    ).map(([name, decorate]): [string, Class, string] => {
      const controller = item(byAuthor);
      const { prototype } = controller;
      decorate(prototype, 'show', Object.getOwnPropertyDescriptor(prototype, 'show')!);
      return [`with ${name}`, controller, `${name} has no effect on a cached answer`];
    }),
    ['without param', item({}), 'param must name the row'],
    ['with an empty param', item({ param: [] }), 'param must name the row'],
    ['whose path lacks the parameter', item({ param: 'author' }), 'its path has no parameter "author"'],
    ['whose path has a longer one', item({ param: 'id' }, ':identity'), 'its path has no parameter "id"'],
    [
      'that has only one path with the parameter',
      item({ param: 'id' }, [':id', 'first'] as unknown as string),
      'its path has no parameter "id"',
    ],
    [
      'of a table that nobody watches',
      handler(ghosts.item, byAuthor),
      '"ghosts" is not watched: call watchTable(runner, { table: \'ghosts\' }) in a migration',
    ],
    ['of a list of one', handler(ghosts.list, {}, '', Param('id')), '"ghosts" is not watched'],
    [
      'by a key that nobody watches',
      item({ param: 'id', by: 'name' }),
      '"authors" is not watched by "name": name it in watchTable (key, by)',
    ],
    ['by the watched columns and more', item({ param: 'id', by: ['slug', 'id'] }), '"authors" is not watched by "slug, id"'],
    [
      'of a composite key by one parameter',
      handler(shelves.item, { param: 'id' }),
      'param must name one parameter for each column of the key (shelf, slot)',
    ],
    [
      'by two parameters for one column',
      item({ param: ['id', 'view'] }, ':id/:view'),
      'param must name one parameter for each column of the key (id)',
    ],
    ['of a list by a key', handler(authors.list, { by: 'slug' }, ''), 'by names a row, and this is a list'],
    ['that depends on a table that nobody watches', item({ ...byAuthor, dependsOn: 'ghosts' }), '"ghosts" is not watched'],
    ['that depends on one among others', item({ ...byAuthor, dependsOn: [shelves, ghosts] }), '"ghosts" is not watched'],
    ['that depends on a row of one', item({ ...byAuthor, dependsOn: ghosts.row(1) }), '"ghosts" is not watched'],
    [
      'that depends on a row by what is no key',
      item({ ...byAuthor, dependsOn: authors.row('x', 'name') }),
      '"authors" is not watched by "name"',
    ],
    ['that depends on a row that cannot be', item({ ...byAuthor, dependsOn: authors.row('x') }), 'must be an integer between'],
    ['whose rows all depend on one', handler(haunted.item, byAuthor), '"ghosts" is not watched'],
    ['whose lists all depend on one', handler(haunted.list, {}, ''), '"ghosts" is not watched'],
    [
      'that varies by no value',
      vary({ 'accept-language': [] }),
      'vary: "accept-language" must have all its values listed, 1 to 20',
    ],
    ['by 21 values', vary({ 'x-shop': values(21) }), 'vary: "x-shop" must have all its values listed, 1 to 20'],
    [
      'by 105 combinations',
      vary({ 'x-shop': values(7), 'x-floor': values(15) }),
      'vary has 105 variations; 100 are kept at most',
    ],
    [
      'by any value',
      vary({ 'accept-language': ['en', '*'] }),
      '"accept-language" has the value "*", which no request can ask for',
    ],
    [
      'by a value that is none',
      vary({ 'accept-language': ['de;q=0'] }),
      '"accept-language" has the value "de;q=0", which no request can ask for',
    ],
    [
      'by one value spelt twice',
      vary({ 'x-shop': ['main', 'MAIN'] }),
      '"x-shop" has the value "MAIN", which no request can ask for',
    ],
    ['by one header spelt twice', vary({ 'X-Shop': ['a'], 'x-shop': ['b'] }), 'vary names "x-shop" twice'],
    ['by a value that is no text', vary({ 'x-shop': [1] }), 'vary: "x-shop" must have all its values listed'],
    ['by a function', vary({ 'x-shop': () => 'a' }), 'vary: "x-shop" must have all its values listed'],
    ['by a value with a blank', vary({ 'x-shop': ['a b'] }), 'vary: "x-shop" must have all its values listed'],
    ['by what is no header', vary({ 'x shop': ['a'] }), 'vary: "x shop" is no header'],
    ['by everything', vary({ '*': ['a'] }), 'vary: an answer that depends on "*" cannot be cached for all clients'],
    ...['Cookie', 'Authorization', 'Accept-Encoding', 'Proxy-Authorization', 'Host', 'Set-Cookie'].map(
      (name): [string, Class, string] => [
        `by ${name}`,
        vary({ [name]: ['a'] }),
        `vary: an answer that depends on "${name.toLowerCase()}" cannot be cached for all clients`,
      ],
    ),
    ['that takes a query', taking(Query()), 'it takes @Query(), which is no part of its key: name the DTO as query'],
    [
      'that takes a part of the query',
      taking(Query('page')),
      'it takes @Query(), which is no part of its key: name the DTO as query',
    ],
    [
      'that takes all headers',
      taking(Headers()),
      'it takes @Headers(), which is no part of its key: name header and values in vary',
    ],
    [
      'that takes another header',
      taking(Headers('x-shop'), { vary: { 'accept-language': ['en'] } }),
      `it takes @Headers('x-shop'), which is no part of its key`,
    ],
    ['that takes a body', taking(Body()), 'it takes @Body(), which is no part of its key'],
    ['that takes a raw body', taking(RawBody()), 'it takes @RawBody(), which'],
    ['that takes an address', taking(Ip()), 'it takes @Ip(), which'],
    ['that takes a session', taking(Session()), 'it takes @Session(), which'],
    ['that takes a part of the host', taking(HostParam('shop')), 'it takes @HostParam(), which'],
    ['that takes a file', taking(UploadedFile()), 'it takes @UploadedFile(), which'],
    ['that takes the request', taking(Req()), 'it takes @Req(), which'],
    ['that takes the response', taking(Res()), 'it takes @Res(), which'],
    ['that takes the response and answers all the same', taking(Res({ passthrough: true })), 'it takes @Res(), which'],
    ['that takes the response, whatever it says of it', taking(Res(), { sameForAll: true }), 'it takes @Res(), which'],
    ['that takes next', taking(Next()), 'it takes @Next(), which'],
    [
      'that takes what a decorator of its own finds',
      taking(Visitor()),
      'it takes an argument by a decorator of its own, which is no part of its key',
    ],
    ['that answers a write', item(byAuthor, ':id', undefined, Post), 'it is no @Get() handler'],
    ['that answers any method', item(byAuthor, ':id', undefined, All), 'it is no @Get() handler'],
    ['that answers HEAD alone', item(byAuthor, ':id', undefined, Head), 'it is no @Get() handler'],
    ...['a@b', 'a;b', 'a=b', 'sha256=', '', 'a b', 'a*', 'x'.repeat(201)].map((name): [string, Class, string] => [
      `named "${name.slice(0, 9)}"`,
      item({ ...byAuthor, name }),
      `the name "${name}" must be 1 to 200 letters, digits, _, $, . and -`,
    ]),
  ])('%s', (_what, controller, message) => {
    const said = startOf([controller]);
    expect(said).toMatch(/^@CachedResponse of AuthorsController\.show \("\w+"\): /);
    expect(said).toContain(message);
  });

  it('and starts with what can', () => {
    const fine: Class[] = [
      item({ ...byAuthor, name: 'own' }),
      item({ param: 'id', by: 'slug', name: 'by-slug' }),
      item({ ...byAuthor, dependsOn: [shelves, 'houses', authors.row('07'), () => ghosts.row(1)], name: 'dependent' }),
      item({
        ...byAuthor,
        vary: { 'Accept-Language': ['en', 'de-AT'], accept: ['text/html', 'application/json'], 'x-shop': values(20).slice(0, 5) },
        name: 'varying',
      }),
      item({ ...byAuthor, query: Dto, name: 'asked' }, ':id', Query()),
      taking(Headers('Accept-Language'), { vary: { 'accept-language': ['en'] }, name: 'header' }),
      taking(Req(), { sameForAll: true, name: 'request' }),
      taking(Visitor(), { sameForAll: true, name: 'visitor' }),
      handler(shelves.item, { param: ['shelf', 'slot'] }, ':shelf/:slot', Param('shelf')),
      handler(shelves.item, { param: 'place', parse: (text) => text.split('-'), name: 'parsed' }, ':place', Param('place')),
      handler(authors.list, { param: 'letter', name: 'Größe.$1' }, ':letter', Param('letter')),
    ];
    expect(startOf(fine)).toBe('');
  });

  it('two handlers of one name', () => {
    expect(startOf([item(byAuthor), item(byAuthor)])).toBe(
      '@CachedResponse of AuthorsController.show ("authors"): another one is called "AuthorsController.show", too: give one of them a name of its own',
    );
    expect(startOf([item({ ...byAuthor, name: 'a' }), item({ ...byAuthor, name: 'b' })])).toBe('');
    // In another partition it answers other requests.
    expect(startOf([item(byAuthor), handler(authors.list, {}, '', Param('id'))])).toBe('');
  });

  it('one handler that two controllers inherit, under one name or as one class', () => {
    class Base {
      @Get(':id')
      @CachedResponse(authors.item, { param: 'id', name: 'shared' })
      show(@Param('id') _id: string) {
        return this.constructor.name;
      }
    }
    const subclass = (path: string): Class => {
      class Derived extends Base {}
      Controller(path)(Derived);
      return Derived;
    };
    expect(startOf([subclass('a'), subclass('b')])).toContain('another one is called "shared", too');
    const [once] = [subclass('a')];
    expect(startOf([once])).toBe('');
    expect(startOf([once, once])).toContain('its controller is registered twice');
  });

  it('a controller that is made for each request', () => {
    expect(startOf([item(byAuthor)], false)).toContain('its class is made anew for each request');
  });
});

describe('likewise why a method’s results could not', () => {
  interface Options {
    readonly name?: string;
    readonly by?: string;
    readonly dependsOn?: Dependency;
  }

  function provider(partition: Partition, options: Options = {}): Class {
    @Injectable()
    class Queries {
      @CachedQuery(partition, { key: (id: number) => id, ...options })
      async find(_id: number): Promise<number> {
        return 1;
      }
    }
    return Queries;
  }

  it.each<[what: string, provider: Class, message: string]>([
    ['of a table that nobody watches', provider(ghosts.item), '"ghosts" is not watched'],
    ['of a list of one', provider(ghosts.list), '"ghosts" is not watched'],
    ['by a key that nobody watches', provider(authors.item, { by: 'name' }), '"authors" is not watched by "name"'],
    ['of a list by a key', provider(authors.list, { by: 'slug' }), 'by names a row, and this is a list'],
    ['that depends on a table that nobody watches', provider(authors.item, { dependsOn: ghosts }), '"ghosts" is not watched'],
    ['whose rows all depend on one', provider(haunted.item), '"ghosts" is not watched'],
    ['named with a @', provider(authors.item, { name: 'a@b' }), 'the name "a@b" must be'],
    ['named with a ;', provider(authors.item, { name: 'a;b' }), 'the name "a;b" must be'],
  ])('%s', (_what, given, message) => {
    const said = startWith([given]);
    expect(said).toMatch(/^@CachedQuery of Queries\.find \("\w+"\): /);
    expect(said).toContain(message);
  });

  it('two methods of one name, unless it is one class in two modules', () => {
    const one = provider(authors.item);
    expect(startWith([one, one])).toBe('');
    expect(startWith([one, provider(authors.item)])).toContain(
      'another one is called "Queries.find", too: give one of them a name of its own',
    );
    expect(startWith([one, provider(authors.item, { name: 'other' })])).toBe('');
  });

  it('one method that two providers inherit, under one name alone', () => {
    const subclasses = (Base: Class): Class[] => [class First extends Base {}, class Second extends Base {}];
    expect(startWith(subclasses(provider(authors.item)))).toBe('');
    expect(startWith(subclasses(provider(authors.item, { name: 'shared' })))).toContain(
      '@CachedQuery of Second.find ("authors"): another one is called "shared", too',
    );
  });

  it('a provider that is made for each request', () => {
    expect(startWith([provider(authors.item)], false)).toContain('its class is made anew for each request');
  });
});
