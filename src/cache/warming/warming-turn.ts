import { Injectable } from '@nestjs/common';
import { CacheRuntime } from '../runtime/runtime.js';
import { systemRandomness } from '../runtime/system.js';

const LOCK = 'warming';
/** So long is warming held up when its holder dies. */
const HELD_MS = 15_000;

/** One instance warms at a time: a lock in Redis, held alive while the round runs. Without Redis each warms its own. */
@Injectable()
export class WarmingTurn {
  constructor(private readonly runtime: CacheRuntime) {}

  /** Runs `round` as the only one; undefined: another instance is at it. */
  async run<T>(round: () => Promise<T>): Promise<T | undefined> {
    const { shared } = this.runtime.instance;
    const owner = systemRandomness.token();
    const held = await shared?.use((store) => store.lock(LOCK, owner, HELD_MS));
    if (held === false) return undefined;
    if (!held) return round();
    const alive = setInterval(() => void shared?.use((store) => store.extend(LOCK, owner, HELD_MS)), HELD_MS / 3);
    alive.unref();
    try {
      return await round();
    } finally {
      clearInterval(alive);
      await shared?.use((store) => store.unlock(LOCK, owner));
    }
  }
}
