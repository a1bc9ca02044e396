import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { INestApplication } from '@nestjs/common';
import pg from 'pg';
import { CacheProbe } from 'starkpulse-caching/testing';
import { createBookshop, type Http } from '../src/bookshop.js';
import { readSettings } from '../src/settings.js';

/** `CACHING_DATABASE_URL` names a database that the tests may write. */
const settings = readSettings(process.env);
const LONG = encodeURIComponent('ü/'.repeat(150));

/** Each cached route, and a statement that changes what it shows: as psql would, behind the application's back. */
const ROUTES: Readonly<Record<string, string>> = {
  '/authors/1': 'UPDATE authors SET born = born + 1 WHERE id = 1',
  '/authors/by-slug/jane-austen': 'UPDATE authors SET born = born + 1 WHERE id = 1',
  '/authors/1/card': 'UPDATE authors SET born = born + 1 WHERE id = 1',
  '/authors/1/greeting': `UPDATE authors SET name = name || '!' WHERE id = 1`,
  '/authors/1/summary': `INSERT INTO books (isbn, author_id) VALUES (gen_random_uuid(), 1)`,
  '/books/080442957X': 'UPDATE books SET price = price + 1',
  [`/books/${LONG}`]: 'UPDATE books SET price = price + 1',
  '/books?author=1&q=emma&skip=0': 'UPDATE books SET price = price + 1',
  '/books?author=&q=emma': 'UPDATE books SET price = price + 1',
  '/shelves/a%2Fb/3': `UPDATE shelves SET isbn = isbn || 'X'`,
};

for (const http of ['fastify', 'express'] as const satisfies Http[]) {
  describe(`the bookshop on ${http}`, () => {
    let app: INestApplication;
    let probe: CacheProbe;
    let psql: pg.Client;

    before(async () => {
      app = await createBookshop(settings, http);
      probe = await CacheProbe.of(app);
      psql = new pg.Client(settings.databaseUrl);
      await psql.connect();
      await psql.query(
        `INSERT INTO books (isbn, title, author_id) VALUES ('080442957X', 'Emma', 1), ($1, 'Long', 1) ON CONFLICT DO NOTHING`,
        [decodeURIComponent(LONG)],
      );
      await psql.query(`INSERT INTO shelves VALUES ('a/b', 3, '1') ON CONFLICT DO NOTHING`);
    });

    after(async () => {
      await psql?.end();
      await app?.close();
    });

    for (const [url, statement] of Object.entries(ROUTES)) {
      it(`caches ${url.slice(0, 40)} until it changes`, async () => {
        await probe.expectDropped(url, () => psql.query(statement));
      });
    }

    it('caches a book once for all spellings of its ISBN', async () => {
      await probe.expectHit('/books/080442957X');
      for (const isbn of ['080442957x', 'urn:isbn:080442957X', 'URN:ISBN:080442957x']) {
        const { status, outcome } = await probe.get(`/books/${isbn}`);
        assert.deepEqual({ isbn, status, outcome }, { isbn, status: 200, outcome: 'hit' });
      }
    });

    it('greets in each language from an entry of its own', async () => {
      for (const [language, greeting] of [
        ['en', 'Hello'],
        ['de-AT, en;q=0.5', 'Guten Tag'],
      ] as const) {
        const { body, headers } = await probe.expectHit('/authors/1/greeting', { headers: { 'accept-language': language } });
        assert.match(body, new RegExp(greeting));
        assert.match(headers.get('vary') ?? '', /accept-language/i);
      }
    });

    it('hits with what its load gives', async () => {
      probe.compareHits();
      for (const url of Object.keys(ROUTES)) await probe.expectHit(url);
    });

    it('shows a book that was not there as soon as it is', async () => {
      const isbn = `new ${Date.now()}`;
      const { status } = await probe.expectDropped(`/books/${isbn}`, () =>
        psql.query('INSERT INTO books (isbn) VALUES ($1)', [isbn]),
      );
      assert.equal(status, 200);
    });
  });
}
