import { ConfigError } from './config-error.js';
import { variable, type VariableName } from './variables.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What was set, or the default; an empty or blank value counts as unset. '' where there is no default. */
export function textOf(env: Environment, name: VariableName): string {
  const set = env[name]?.trim() ?? '';
  return set === '' ? variable(name).default : set;
}

/** A whole number within the table's bounds, in plain decimal digits. */
export function integerOf(env: Environment, name: VariableName): number {
  const text = textOf(env, name);
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = variable(name);
  const accepted = `a whole number from ${min} to ${max} is accepted`;
  if (!/^[+-]?\d+$/.test(text)) throw new ConfigError(name, `is not a whole number (${shown(text)}): ${accepted}`);
  const value = Number(text);
  if (value < min || value > max) throw new ConfigError(name, `is out of range (${shown(text)}): ${accepted}`);
  return value;
}

const WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  yes: true,
  on: true,
  false: false,
  '0': false,
  no: false,
  off: false,
};

/** true, 1, yes, on; false, 0, no, off; in any case. */
export function booleanOf(env: Environment, name: VariableName): boolean {
  const text = textOf(env, name);
  const value = Object.hasOwn(WORDS, text.toLowerCase()) ? WORDS[text.toLowerCase()] : undefined;
  if (value === undefined) {
    throw new ConfigError(name, `is neither yes nor no (${shown(text)}): true, 1, yes, on, false, 0, no, off are accepted`);
  }
  return value;
}

/** One of the words of `choices`, in any case. */
export function choiceOf<T>(env: Environment, name: VariableName, choices: Readonly<Record<string, T>>): T {
  const text = textOf(env, name);
  const found = Object.entries(choices).find(([word]) => word.toLowerCase() === text.toLowerCase());
  if (!found) {
    throw new ConfigError(name, `is not known (${shown(text)}): ${Object.keys(choices).join(', ')} are accepted`);
  }
  return found[1];
}

/** A file or folder name. */
export function pathOf(env: Environment, name: VariableName): string {
  const text = textOf(env, name);
  if (text.includes('\0')) throw new ConfigError(name, 'contains a NUL character: a path is accepted');
  return text;
}

/**
 * A secret as it was set, untrimmed: a password may begin or end in a space. Undefined where it is unset or empty.
 * Line breaks and other control characters are refused: they come from a file that was read with its newline.
 */
export function secretOf(env: Environment, name: VariableName): string | undefined {
  const value = env[name];
  if (value === undefined || value === '') return undefined;
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    throw new ConfigError(name, 'contains a line break or another control character: text without them is accepted');
  }
  return value;
}

/** A value in a message: quoted, on one line and short. Never for a secret. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
