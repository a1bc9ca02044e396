import { existsSync, readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);
const PAGES = [
  'README.md',
  'docker/README.md',
  ...readdirSync(new URL('docs/', root))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** The page without its examples of code, where brackets are no links and `#` begins no heading. */
function prose(url: URL): string {
  return readFileSync(url, 'utf8').replace(/^```.*?^```/gms, '');
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(PAGES)('%s', (name) => {
  const page = new URL(name, root);
  const links = [...prose(page).matchAll(/\]\(([^)]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^https?:/.test(target));

  it('links to files, folders and headings that are there', () => {
    const broken = links.filter((target) => {
      const [path = '', anchor] = target.split('#');
      const url = path === '' ? page : new URL(path, page);
      return !existsSync(url) || (anchor !== undefined && !anchorsOf(prose(url)).includes(anchor));
    });
    expect(broken).toEqual([]);
  });
});

it('every page of docs is in the index of the README', () => {
  const readme = prose(new URL('README.md', root));
  expect(PAGES.filter((page) => page !== 'README.md' && !readme.includes(`](${page})`))).toEqual([]);
});
