import type { AppConfig } from '../config/config.js';

export const REDACTED = '[redacted]';

const SECRET_HEADERS = ['authorization', 'cookie', 'proxy-authorization', 'set-cookie', 'x-api-key', 'x-starkpulse-warming'];

/** Fields whose values never reach a log line, wherever they are logged. */
export const SECRET_FIELDS = [
  'password',
  'token',
  'authorization',
  'cookie',
  ...SECRET_HEADERS.flatMap((name) => [`headers["${name}"]`, `request.headers["${name}"]`, `req.headers["${name}"]`]),
  '*.password',
  '*.token',
];

/** Shorter ones would strike out ordinary words, and are no secrets. */
const MIN_SECRET = 6;

/**
 * A last guard behind the redacted fields: strikes the configured secrets out of finished lines, in which a library's
 * message may have brought them. undefined where no secret is configured.
 */
export function secretsStruckOut(config: AppConfig): ((line: string) => string) | undefined {
  const forms = new Set(secretsOf(config).flatMap((secret) => [quoted(secret), quoted(encodeURIComponent(secret))]));
  // The longest first: one secret may be part of another.
  const all = [...forms].sort((a, b) => b.length - a.length);
  if (all.length === 0) return undefined;
  return (line) => all.reduce((text, form) => (text.includes(form) ? text.replaceAll(form, REDACTED) : text), line);
}

function secretsOf({ database, redis, api }: AppConfig): string[] {
  const secrets = [api.adminToken, redis?.password];
  if (database.url !== null) {
    const { password } = new URL(database.url);
    secrets.push(password, decodeURIComponent(password));
  }
  return secrets.filter((secret): secret is string => (secret?.length ?? 0) >= MIN_SECRET);
}

function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
