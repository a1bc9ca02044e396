import { elided, partsOf } from '../../support/page.js';

const PAGE = `
**a.ts**

\`\`\`ts
one
two
\`\`\`

\`\`\`ts
no file
\`\`\`

\`\`\`console
$ cat a.ts
one
two
$ true
\`\`\`

**a.ts**

\`\`\`diff
 one
+more
@@
-two
\`\`\`
`;

it('has the files and commands of a page in its order', () => {
  expect(partsOf(PAGE)).toEqual([
    { path: 'a.ts', text: 'one\ntwo\n' },
    { command: 'cat a.ts', output: 'one\ntwo\n' },
    { command: 'true', output: '' },
    { path: 'a.ts', text: 'one\nmore\n' },
  ]);
});

it.each(['-three\n', ' \n'])('refuses a change that does not fit: %j', (change) => {
  expect(() => partsOf(`${PAGE}\n**a.ts**\n\n\`\`\`diff\n${change}\`\`\`\n`)).toThrow(
    'a.ts: the page changes what is not there exactly once',
  );
});

it.each([
  ['…', 'a\nb', true],
  ['a\n…\nc', 'a\nc', true],
  ['a\n…\nc', 'a\nb\nb\nc', true],
  ['…\nc', 'a\nc\nd', false],
  ['a\n…\nd', 'a\nb\nc', false],
])('takes %j for %j: %s', (shown, actual, same) => {
  expect(elided(shown, actual) === shown).toBe(same);
});
