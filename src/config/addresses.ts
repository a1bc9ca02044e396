import { isIP, isIPv6 } from 'node:net';
import { ConfigError } from './config-error.js';
import type { HostPort } from './config.js';
import { shown, textOf, type Environment } from './values.js';
import type { VariableName } from './variables.js';

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/;
const MAX_ADDRESSES = 64;

/** A host name or address alone; IPv6 with or without brackets, given back without. '' where unset. */
export function hostOf(env: Environment, name: VariableName): string {
  const text = textOf(env, name);
  if (text === '') return text;
  const host = hostIn(text);
  if (host !== undefined) return host;
  // Not shown: what stands in the place of a host name is often a URL with a password in it.
  throw new ConfigError(name, 'is not a host name or address: a host without scheme, port and path is accepted');
}

/** `host:port,…`, IPv6 as `[::1]:6379`; at most 64. Empty where unset. */
export function hostPortsOf(env: Environment, name: VariableName): HostPort[] {
  return itemsOf(env, name).map((item, index) => {
    const parts = /^(.+):(\d{1,5})$/.exec(item);
    const host = parts?.[1] === undefined ? undefined : hostIn(parts[1]);
    const port = Number(parts?.[2]);
    if (host === undefined || (isIPv6(host) && !item.startsWith('[')) || port < 1 || port > 65_535) {
      throw new ConfigError(name, `has an entry that is no host:port (number ${index + 1}): host:port,host:port is accepted`);
    }
    return { host, port };
  });
}

const NETWORK_NAMES = new Set(['loopback', 'linklocal', 'uniquelocal']);

/**
 * Addresses and networks (`10.0.0.0/8`) of proxies, or the names that proxy-addr gives to the private ones
 * (loopback, linklocal, uniquelocal); at most 64. Empty where unset. A network of everybody is refused: whoever
 * connects could then choose the address that the rate limit counts.
 */
export function networksOf(env: Environment, name: VariableName): string[] {
  return itemsOf(env, name).map((item) => {
    if (NETWORK_NAMES.has(item.toLowerCase())) return item.toLowerCase();
    const [address = '', prefix, ...rest] = item.split('/');
    const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : 0;
    const mapped = /^::ffff:/i.test(address) && prefix !== undefined;
    if (length >= 1 && length <= bits && rest.length === 0 && !address.includes('%') && !mapped) return item;
    throw new ConfigError(
      name,
      `has an entry that is no address or network (${shown(item)}): addresses, networks such as 10.0.0.0/8 ` +
        'with a prefix of at least 1, loopback, linklocal, uniquelocal are accepted, separated by commas',
    );
  });
}

function itemsOf(env: Environment, name: VariableName): string[] {
  const items = textOf(env, name)
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (items.length > MAX_ADDRESSES) {
    throw new ConfigError(name, `has ${items.length} entries: up to ${MAX_ADDRESSES} are accepted`);
  }
  return items;
}

function hostIn(text: string): string | undefined {
  const bracketed = /^\[(.+)\]$/.exec(text)?.[1];
  if (bracketed !== undefined) return isIPv6(bracketed) ? bracketed : undefined;
  return isIP(text) !== 0 || HOST_NAME.test(text) ? text : undefined;
}
