import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installExample } from '../../support/example.js';

const run = promisify(execFile);
const CONSUMER = join(import.meta.dirname, 'consumer.ts');
/** As Nest's CLI has them, but that the types of the packages are checked, too. */
const OPTIONS = {
  target: 'es2023',
  lib: ['es2023'],
  types: ['node'],
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  esModuleInterop: true,
  declaration: true,
  skipLibCheck: false,
  rootDir: '.',
  outDir: 'dist',
};

/** The application's package.json, and what its compiler is told beside {@link OPTIONS}. */
const CONSUMERS: [name: string, manifest: object, options: object][] = [
  ['ES modules', { type: 'module' }, { module: 'nodenext' }],
  ['CommonJS', {}, { module: 'nodenext' }],
  [
    'CommonJS, as compiled before packages had exports',
    {},
    { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' },
  ],
];

let folder: string;

beforeAll(async () => {
  folder = await installExample();
}, 300_000);

afterAll(() => {
  if (folder) rmSync(folder, { recursive: true, force: true });
});

describe.each(CONSUMERS)('an application in %s', (name, manifest, options) => {
  it('compiles against the package, and starts as far as its database', async () => {
    const own = join(folder, 'consumers', name);
    mkdirSync(own, { recursive: true });
    copyFileSync(CONSUMER, join(own, 'consumer.ts'));
    writeFileSync(join(own, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(own, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...OPTIONS, ...options } }));
    const compiled = await run(process.execPath, [join(folder, 'node_modules', 'typescript', 'bin', 'tsc')], { cwd: own }).catch(
      (error: unknown) => error,
    );
    expect(compiled).toMatchObject({ stdout: '' });
    const ran = await run(process.execPath, [join(own, 'dist', 'consumer.js')], { cwd: own });
    expect(ran.stdout).toBe('wired\n');
  });
});
