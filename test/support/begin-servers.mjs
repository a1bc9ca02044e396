// Before the tests that need them: one PostgreSQL and one Redis for all suites, unless the environment names some.
import { register } from 'node:module';

export default async function beginServers() {
  register('./typescript.mjs', import.meta.url);
  const { beginServers: begin } = await import('./shared.ts');
  await begin();
}
