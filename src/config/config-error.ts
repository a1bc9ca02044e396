/**
 * A setting that cannot be used. The message is one line: the variable, its value's fault and what is accepted.
 * The value itself is only in it where it cannot be a secret.
 */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';

  constructor(
    /** The environment variable at fault. */
    readonly variable: string,
    fault: string,
  ) {
    super(`${variable} ${fault}`);
    this.name = 'ConfigError';
  }
}
