/** A command of a page, and what the page says that it prints. */
export interface Command {
  readonly command: string;
  readonly output: string;
}

/** A file of a page, shown in full or as its last text with a change. */
export interface PageFile {
  readonly path: string;
  readonly text: string;
}

const BLOCK = /(?:^\*\*(\S+)\*\*\n\n)?^```(\w+)\n(.*?)^```$/gms;

/** The `console` blocks of a page: a command behind `$ `, its output on the lines below. */
export function commandsOf(page: string): Command[] {
  return partsOf(page).filter((part) => 'command' in part);
}

/**
 * What a page has its reader do, in its order. A file is a code block under its path in bold; a `diff` block changes it,
 * in parts that begin with `@@` where there are several.
 * @throws Error for a change that does not fit the file as it is by then
 */
export function partsOf(page: string): (Command | PageFile)[] {
  const files = new Map<string, string>();
  return [...page.matchAll(BLOCK)].flatMap(([, path, language, block]): (Command | PageFile)[] => {
    if (language === 'console') return commandsIn(block!);
    if (path === undefined) return [];
    const text = language === 'diff' ? changed(path, files.get(path) ?? '', block!) : block!;
    files.set(path, text);
    return [{ path, text }];
  });
}

function commandsIn(block: string): Command[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command, ...output] = step.split('\n');
      return { command: command!, output: output.join('\n') };
    });
}

function changed(path: string, text: string, diff: string): string {
  return diff.split(/^@@.*\n/m).reduce((now, part) => {
    const lines = part.match(/^.*\n/gm) ?? [];
    const without = (sign: string) =>
      lines
        .filter((line) => !line.startsWith(sign))
        .map((line) => line.slice(1) || '\n')
        .join('');
    const [before, after, ...more] = now.split(without('+'));
    if (after === undefined || more.length > 0)
      throw new Error(`${path}: the page changes what is not there exactly once:\n${without('+')}`);
    return before + without('-') + after;
  }, text);
}

/** The actual output, where `…` in the shown one leaves out lines that do not match the line behind it. */
export function elided(shown: string, actual: string): string {
  const lines = actual.split('\n');
  let at = 0;
  const seen: string[] = [];
  const wanted = shown.split('\n');
  wanted.forEach((line, i) => {
    if (line !== '…') return seen.push(lines[at++] ?? '');
    const next = wanted[i + 1];
    const end = next === undefined ? lines.length : lines.indexOf(next, at);
    // What is not there is told by the comparison of the two.
    if (end >= 0) at = end;
    return seen.push(line);
  });
  return [...seen, ...lines.slice(at)].join('\n');
}
