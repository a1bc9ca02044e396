import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What `sun_path` of a Unix socket's address holds: 104 bytes on macOS, 108 on Linux, with the final NUL. Longer ones
 * are cut off without a word.
 */
const MAX_PATH_BYTES = 103;

/** A folder under a name that is short enough for the sockets in it. */
export interface SocketFolder {
  readonly path: string;
  /** Forgets the short name; what was bound or connected under it goes on. */
  release(): Promise<void>;
}

/**
 * The folder itself, or where its path is too long for a socket of `nameBytes` bytes in it, a symbolic link to it in a
 * temporary folder of this process (mode 0700). The socket lies in the folder either way.
 */
export async function socketFolder(folder: string, nameBytes: number): Promise<SocketFolder> {
  if (Buffer.byteLength(folder) + 1 + nameBytes <= MAX_PATH_BYTES) {
    return { path: folder, release: () => Promise.resolve() };
  }
  const own = await mkdtemp(join(tmpdir(), 'catalogue-'));
  const path = join(own, 'd');
  await symlink(folder, path, 'dir');
  return { path, release: () => rm(own, { recursive: true, force: true }) };
}
