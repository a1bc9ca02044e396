// Node.js lets a CommonJS package require an ES module; Jest does so from Node.js 24.9 on only. Until then the modules
// of Nest that CommonJS packages (throttler, nestjs-prometheus) require, and those that @fastify/static and
// light-my-request require, are imported first and handed to them.
import { jest } from '@jest/globals';

for (const name of ['@nestjs/common', '@nestjs/core', 'content-disposition', 'cookie']) {
  const module = await import(name);
  jest.mock(name, () => module);
}
