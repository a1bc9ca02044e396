/** The embedded database's folder cannot be had; the message is one sentence that says why and what to do. */
export class DataFolderError extends Error {
  constructor(
    readonly code: 'DATA_FOLDER_IN_USE' | 'DATA_FOLDER_UNUSABLE',
    readonly folder: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'DataFolderError';
  }
}

/** No usable database at start. The message is one sentence and shows neither URL nor password. */
export class DatabaseStartError extends Error {
  readonly code = 'DATABASE_UNUSABLE';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseStartError';
  }
}
