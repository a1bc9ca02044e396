export interface EventuallyOptions {
  /** Milliseconds until it gives up. Default 60,000. */
  readonly withinMs?: number;
  /** Milliseconds between two tries. Default 20. */
  readonly everyMs?: number;
}

/** What `T` can be when it is not falsy. */
export type Truthy<T> = Exclude<T, false | 0 | 0n | '' | null | undefined>;

/** The condition did not come true in time; `cause` is the last error that it threw. */
export class NeverHappened extends Error {
  override readonly name = 'NeverHappened';
}

/**
 * Asks `condition` again and again until it answers with something truthy, and resolves with that.
 * An error or a rejection counts as "not yet". Use it wherever a sleep comes to mind.
 *
 * @param what names the condition in the error: `eventually('redis answers', …)`.
 * @throws NeverHappened when the deadline passes.
 */
export async function eventually<T>(
  what: string,
  condition: () => T | Promise<T>,
  { withinMs = 60_000, everyMs = 20 }: EventuallyOptions = {},
): Promise<Truthy<T>> {
  const deadline = performance.now() + withinMs;
  let failure: unknown;
  for (;;) {
    try {
      const answer = await condition();
      if (answer) return answer as Truthy<T>;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline) {
      const reason = failure instanceof Error ? `: ${failure.message}` : '';
      throw new NeverHappened(`${what}: not within ${withinMs} ms${reason}`, { cause: failure });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
