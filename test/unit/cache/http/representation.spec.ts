import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { Representation, renderJson } from '../../../../src/cache/http/answer/representation.js';

it('renders JSON, with the headers of a Representation', () => {
  expect(renderJson({ a: 1 })).toEqual({
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: Buffer.from('{"a":1}'),
  });
  expect(renderJson(new Representation([1], { link: 'x' })).headers).toMatchObject({ link: 'x' });
  expect(renderJson(undefined).body.toString()).toBe('null');
});

it.each([
  ['a StreamableFile', new StreamableFile(Buffer.from('x'))],
  ['a stream', Readable.from(['x'])],
  ['bytes', Buffer.from('x')],
])('refuses %s, of which JSON would show the insides', (_what, value) => {
  expect(() => renderJson(value)).toThrow(expect.objectContaining({ code: 'CACHE_NOT_JSON' }));
});
