// Three parts: `unit` needs no server and is quick, the mutants and a short simulation included; `simulation` is its long
// form; `real` gets a PostgreSQL and a Redis.
const swc = {
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
    keepClassNames: true,
    experimental: { keepImportAttributes: true },
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

const base = {
  rootDir: import.meta.dirname,
  testEnvironment: '<rootDir>/test/support/environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', swc] },
  // The sources import `./x.js`, as Node will find it when built.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/lib/'],
  setupFiles: ['reflect-metadata', '<rootDir>/test/support/nest-for-commonjs.mjs'],
};

/** @type {import('jest').Config} */
export default {
  maxWorkers: 2,
  // Jest reads it here alone, not from a project.
  testTimeout: 120_000,
  workerIdleMemoryLimit: '1GB',
  // At its end a worker gives back what the embedded databases held, up to 2 GB: on a busy machine that takes seconds.
  workerGracefulExitTimeout: 10_000,
  globalSetup: '<rootDir>/test/support/begin.mjs',
  globalTeardown: '<rootDir>/test/support/finish.mjs',
  reporters: ['default', '<rootDir>/test/support/reporter.mjs'],
  collectCoverageFrom: ['src/**/*.ts', 'migrations/**/*.ts', '!src/main.ts'],
  coverageDirectory: 'coverage',
  coverageProvider: 'v8',
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/unit/**/*.spec.ts', '<rootDir>/test/simulation/*.spec.ts'],
    },
    {
      ...base,
      displayName: 'simulation',
      testMatch: ['<rootDir>/test/simulation/long/*.spec.ts'],
    },
    {
      ...base,
      displayName: 'real',
      testMatch: ['<rootDir>/test/**/*.spec.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/(unit|simulation)/', '/node_modules/'],
      moduleNameMapper: { ...base.moduleNameMapper, '^@electric-sql/pglite$': '<rootDir>/test/support/pglite.mjs' },
      globalSetup: '<rootDir>/test/support/begin-servers.mjs',
      globalTeardown: '<rootDir>/test/support/finish-servers.mjs',
    },
  ],
};
