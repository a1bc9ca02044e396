/** Collects all garbage, where the process runs with `--expose-gc`. */
export const collect: () => void = (globalThis as { gc?: () => void }).gc ?? (() => undefined);
