import tseslint from 'typescript-eslint';

const inCore = 'The core is plain TypeScript: clocks, timers and randomness are passed in through its ports.';
const environment = {
  object: 'process',
  property: 'env',
  message: 'src/config/env.ts alone reads the environment: take AppConfig.',
};
const ambient = [
  ...['now', 'UTC', 'parse'].map((property) => ({ object: 'Date', property, message: inCore })),
  { object: 'performance', property: 'now', message: inCore },
  { object: 'process', property: 'hrtime', message: inCore },
  { object: 'process', property: 'nextTick', message: inCore },
  { object: 'Math', property: 'random', message: inCore },
];
const timers = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'performance', 'crypto', 'fetch'];

export default tseslint.config(
  { ignores: ['dist/', 'lib/', 'coverage/', 'node_modules/', 'data/', 'logs/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // Promises that nobody waits for are how a write is answered before its invalidation.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      // Unions are closed: a new event or outcome must be handled wherever they are told apart.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // It leaves classes named in decorated signatures alone, which Nest needs at run time.
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'all', ignoreRestSiblings: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
      '@typescript-eslint/no-unsafe-call': 'error',
      '@typescript-eslint/no-base-to-string': 'error',
      '@typescript-eslint/restrict-plus-operands': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      'no-constant-binary-expression': 'error',
      'no-unreachable': 'error',
      'no-unsafe-finally': 'error',
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      'no-fallthrough': 'error',
      'no-loss-of-precision': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-debugger': 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/**/*.ts', 'migrations/**/*.ts'],
    ignores: ['src/config/env.ts', 'src/cache/options/resolve.ts', 'src/cache/core/**'],
    rules: { 'no-restricted-properties': ['error', environment] },
  },
  {
    files: ['src/cache/core/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', environment, ...ambient],
      'no-restricted-globals': ['error', ...timers.map((name) => ({ name, message: inCore }))],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: inCore },
        { selector: "CallExpression[callee.name='Date']", message: inCore },
      ],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [
                '@nestjs/*',
                'typeorm',
                'typeorm/*',
                'ioredis',
                'pg',
                'rxjs',
                'rxjs/*',
                'fastify',
                'prom-client',
                'pino',
                'nestjs-pino',
              ],
              message: 'The core knows no framework, database or Redis.',
            },
            {
              // Hashing bytes is arithmetic, Buffer a type of value, AsyncLocalStorage a scope: none reaches outside.
              regex:
                '^(node:)?(assert|child_process|cluster|dgram|dns|events|fs|http|http2|https|net|os|path|perf_hooks|process|stream|timers|tls|url|util|v8|vm|worker_threads|zlib)(/.*)?$',
              allowTypeImports: true,
              message: inCore,
            },
            {
              regex: '^(node:)?crypto$',
              importNamePattern: '^(?!(createHash|hash)$)',
              message: 'Of node:crypto the core may take hashes only: randomness is passed in.',
            },
          ],
        },
      ],
    },
  },
  { files: ['src/cli/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'examples/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['examples/**/*.test.ts'],
    rules: {
      // node:test waits for what it has been given.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['describe', 'it'] }] },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // What JSON.parse and supertest hand out is `any`; the assertions on it are the check.
      '@typescript-eslint/no-explicit-any': 'off',
      // Tables of cases are long, one value a line.
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.name=/^(sleep|delay)$/]',
          message: 'No sleeps in tests: wait for a condition with eventually().',
        },
        {
          selector: "MemberExpression[property.name='only'][object.name=/^(it|test|describe)$/]",
          message: 'The other tests would be left out.',
        },
      ],
    },
  },
);
