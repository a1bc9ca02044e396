import { Inject, Injectable } from '@nestjs/common';
import { CacheError } from '../core/errors.js';
import type { Answer, Loaded, Subject } from '../core/reading/read.js';
import { loadAlone } from '../core/reading/load-alone.js';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';
import { CacheRuntime } from '../runtime/runtime.js';

const EXCERPT = 300;

/** For tests: compares every hit with what its load gives now. Off until it is switched on. */
@Injectable()
export class HitCheck {
  isOn = false;

  constructor(
    private readonly runtime: CacheRuntime,
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
  ) {}

  /**
   * @param again the same read once more
   * @throws CacheError `CACHE_STALE_HIT` where a hit is not what the load gives, and is still served
   */
  async check(
    what: string,
    { key }: Subject,
    { outcome, body }: Answer,
    load: () => Promise<Loaded>,
    again: () => Promise<Answer>,
  ): Promise<void> {
    if (outcome !== 'hit') return;
    const loaded = await loadAlone({ scoped: this.settings.queries }, { load });
    if (loaded.body.equals(body)) return;
    // A write may have come in between: then the log says so.
    await this.runtime.instance.reader.fresh();
    const now = await again();
    if (now.outcome !== 'hit' || !now.body.equals(body)) return;
    throw new CacheError(
      'CACHE_STALE_HIT',
      `${what} has a hit under "${key}" that its load does not give: ${excerpt(body)} is cached, and ${excerpt(loaded.body)} was loaded. ` +
        'No invalidation explains that: look for a table or row that dependsOn does not name, or for what the answer depends on beside its key',
    );
  }
}

function excerpt(body: Buffer): string {
  return body.toString('utf8', 0, EXCERPT);
}
