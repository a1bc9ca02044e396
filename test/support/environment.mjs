// Jest's Node environment, which also fails a test file that leaves sockets, servers or processes behind. Timers are not
// counted: those of closed clients run out by themselves (ioredis' take up to five seconds), on a busy machine later than
// anybody would wait. They must not keep the worker from ending, though, which Jest would call a failure to exit in order.
import { TestEnvironment } from 'jest-environment-node';

const WATCHED = ['TCPSocketWrap', 'TCPServerWrap', 'PipeWrap', 'PipeServerWrap', 'ProcessWrap', 'Worker'];
const GRACE_MS = 15_000;
const SHOWN_LINES = 40;

function open() {
  const counted = {};
  for (const type of process.getActiveResourcesInfo()) counted[type] = (counted[type] ?? 0) + 1;
  return counted;
}

export default class LeakCheckingEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    this.timers = [];
    for (const name of ['setTimeout', 'setInterval']) this.global[name] = this.keepingTimers(this.global[name]);
    this.before = open();
  }

  /** A failing test shows what the services that it had started said last. */
  async handleTestEvent(event) {
    if (event.name !== 'test_fn_failure' && event.name !== 'hook_failure') return;
    for (const service of this.global[Symbol.for('caching.tests.processes')] ?? []) {
      const said = service.output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
      process.stderr.write(`\n--- service on port ${service.port}, process ${service.pid}, said last:\n${said}\n---\n`);
    }
  }

  async teardown() {
    const left = await this.leftovers();
    for (const timer of this.timers) timer.unref();
    await super.teardown();
    if (left.length > 0) {
      throw new Error(`Still open after the last test of this file: ${left.join(', ')}. Close what you start (afterAll).`);
    }
  }

  /** The same function, whose timers are known. */
  keepingTimers(start) {
    const kept = (...args) => {
      const timer = start(...args);
      this.timers.push(timer);
      return timer;
    };
    // What `promisify` asks for.
    return Object.assign(kept, start);
  }

  async leftovers() {
    const deadline = performance.now() + GRACE_MS;
    for (;;) {
      const now = open();
      const left = WATCHED.filter((type) => (now[type] ?? 0) > (this.before[type] ?? 0)).map(
        (type) => `${now[type] - (this.before[type] ?? 0)} ${type}`,
      );
      if (left.length === 0 || performance.now() > deadline) return left;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
