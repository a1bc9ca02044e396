import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** What the tests read of a service in docker/compose.yaml. */
export interface ComposeService {
  image: string;
  build?: { context: string; dockerfile: string };
  command?: string[];
  user?: string;
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  networks?: string[];
  ports?: string[];
  volumes?: string[];
  tmpfs?: string[];
  healthcheck?: { test: string[] };
  restart?: string;
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  privileged?: boolean;
  security_opt?: string[];
  stop_grace_period?: string;
  deploy?: { resources: { limits: { memory: string; pids: number } } };
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  networks: Record<string, { internal?: boolean }>;
  volumes: Record<string, unknown>;
}

export const COMPOSE_PATH = 'docker/compose.yaml';

/** The file with its YAML merges (`<<`) resolved and its variables as written. */
export function readCompose(): ComposeFile {
  return parse(readFileSync(COMPOSE_PATH, 'utf8'), { merge: true }) as ComposeFile;
}

/** One `${NAME…}` of the file: `default` for `:-`, `required` for `:?` with the text that Compose shows. */
export interface ComposeVariable {
  name: string;
  default?: string;
  required?: string;
}

const VARIABLE = /\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g;

export function composeVariables(text: string): ComposeVariable[] {
  return [...text.matchAll(VARIABLE)]
    .filter(([, name]) => name !== undefined)
    .map(([, name = '', kind, rest]) => ({
      name,
      ...(kind === '-' && { default: rest }),
      ...(kind === '?' && { required: rest }),
    }));
}

/** Puts variables in as Compose does: `$$` is a dollar sign, and a required one that is missing throws. */
export function interpolate(text: string, env: Record<string, string>): string {
  return text.replace(VARIABLE, (match, name?: string, kind?: string, rest?: string) => {
    if (match === '$$' || name === undefined) return '$';
    const value = env[name] ?? '';
    if (value !== '' || kind === undefined) return value;
    if (kind === '-') return rest ?? '';
    throw new Error(`${name}: ${rest}`);
  });
}
