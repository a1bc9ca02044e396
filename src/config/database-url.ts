import { ConfigError } from './config-error.js';
import { secretOf, type Environment } from './values.js';

const NAME = 'CACHING_DATABASE_URL';
const ACCEPTED = 'postgres://user:password@host:port/database is accepted';

/** The URL as it was set; null where unset. No message shows any of it: it holds a password. */
export function databaseUrlOf(env: Environment): string | null {
  const text = secretOf(env, NAME)?.trim();
  if (text === undefined || text === '') return null;
  if (!/^postgres(ql)?:\/\//i.test(text)) throw new ConfigError(NAME, `is no PostgreSQL URL: ${ACCEPTED}`);
  if (/\s/.test(text)) throw new ConfigError(NAME, `contains a blank (write it %20): ${ACCEPTED}`);

  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new ConfigError(NAME, `cannot be parsed as a URL (in a password, / # ? are written %2F %23 %3F): ${ACCEPTED}`);
  }
  if (url.hostname === '' && !url.searchParams.get('host')) {
    throw new ConfigError(NAME, `names no host: ${ACCEPTED}, or ?host=/folder/of/the/socket`);
  }
  for (const part of [url.username, url.password, url.hostname, url.pathname]) {
    try {
      decodeURIComponent(part);
    } catch {
      throw new ConfigError(NAME, `has a % that begins no escape (write it %25): ${ACCEPTED}`);
    }
  }
  return text;
}
