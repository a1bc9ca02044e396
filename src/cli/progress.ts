import { SingleBar } from 'cli-progress';

/** How far a command is. On a terminal a bar on stderr, else a line there for every tenth. */
export interface Progress {
  /** `done` of the total; more than the total counts as all. */
  at(done: number): void;
  /** A line on stderr that does not disturb the bar. */
  line(text: string): void;
  end(): void;
}

export function progressOf(what: string, total: number): Progress {
  return process.stderr.isTTY ? bar(what, total) : lines(what, total);
}

function bar(what: string, total: number): Progress {
  const drawn = new SingleBar({
    format: `${what} {bar} {percentage} % | {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    // Ctrl-C is the command's to handle.
    gracefulExit: false,
  });
  drawn.start(Math.max(total, 1), 0);
  return {
    at: (done) => drawn.update(Math.min(done, total)),
    line: (text) => process.stderr.write(`\r\x1b[K${text}\n`),
    end: () => drawn.stop(),
  };
}

function lines(what: string, total: number): Progress {
  let tenths = 0;
  return {
    at: (done) => {
      const now = total === 0 ? 10 : Math.floor((Math.min(done, total) * 10) / total);
      if (now > tenths) process.stderr.write(`${what}: ${now * 10} %\n`);
      tenths = Math.max(tenths, now);
    },
    line: (text) => process.stderr.write(`${text}\n`),
    end: () => undefined,
  };
}
