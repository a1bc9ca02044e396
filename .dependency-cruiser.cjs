// Imports point one way: products, health, metrics -> cache/index -> http, warming -> caches -> runtime -> postgres, redis, memory -> core.

/** Files of `src/cache` behind its public door. */
const INSIDE = '^src/cache/(?!index\\.ts$)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Files that need each other are one file, or lack a third one; those of types, too.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-cycles-of-folders',
      comment: 'Arrows between folders point down, those of types included.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    {
      name: 'cache-by-its-door',
      comment: 'Everybody outside the cache imports src/cache/index.ts alone.',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: '^src/cache/' },
      to: { path: INSIDE },
    },
    {
      name: 'core-stands-alone',
      comment: 'The core imports nothing of the project but itself, and no framework, database or Redis.',
      severity: 'error',
      from: { path: '^src/cache/core/' },
      to: { pathNot: ['^src/cache/core/'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'cache-knows-no-user-of-it',
      comment: 'The cache is a library: it imports nothing of the application.',
      severity: 'error',
      from: { path: '^src/cache/' },
      to: { path: '^(src|migrations)/', pathNot: '^src/cache/' },
    },
    {
      name: 'door-is-for-outside',
      comment: 'Inside the cache, files import one another, not the door: that would be a cycle waiting to happen.',
      severity: 'error',
      from: { path: '^src/cache/' },
      to: { path: '^src/cache/index\\.ts$' },
    },
    {
      name: 'adapters-are-lowest',
      comment: 'What speaks to PostgreSQL, Redis and memory must work for whoever writes, not for requests alone.',
      severity: 'error',
      from: { path: '^src/cache/(postgres|redis|memory)/' },
      to: { path: '^src/cache/(runtime|typeorm|http|warming|admin|cache-manager|query)/' },
    },
    {
      name: 'config-is-lowest',
      comment: 'Everybody may import the settings, so they import nobody.',
      severity: 'error',
      from: { path: '^src/config/' },
      to: { path: '^(src|migrations|test)/', pathNot: '^src/config/' },
    },
    {
      name: 'database-knows-no-entity',
      comment: 'The application hands in its entities and migrations: src/database opens any schema.',
      severity: 'error',
      from: { path: '^src/database/' },
      to: { path: '^(src|migrations)/', pathNot: '^src/((database|config)/|cache/index\\.ts$)' },
    },
    {
      name: 'openapi-is-shared',
      comment: 'What a vertical says of itself stands beside its controller; src/openapi has what several of them need.',
      severity: 'error',
      from: { path: '^src/openapi/' },
      to: { path: '^src/', pathNot: '^src/(openapi|problems)/' },
    },
    {
      name: 'migrations-stand-apart',
      comment: 'A migration is history: SQL that has run somewhere must not change with the code.',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^src/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'migrations-are-listed-once',
      comment: 'src/app/database.ts lists the migrations; nobody else needs one.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/app/database\\.ts$' },
      to: { path: '^migrations/' },
    },
    {
      name: 'product-without-tests',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { path: '^(test|bench|docs|docker)/' },
    },
    {
      name: 'no-development-dependencies',
      comment: 'The image is installed without them.',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-unlisted-packages',
      comment: 'A package that package.json does not name is here by chance.',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    moduleSystems: ['es6'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
