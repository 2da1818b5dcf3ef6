import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Styles text where the stream is a terminal that wants it: NO_COLOR, FORCE_COLOR and pipes are respected by Node. */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

/** Writes a line of data. */
export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a line about the work, which must not end up in a pipe. */
export function tell(line = ''): void {
  process.stderr.write(`${line}\n`);
}

/** A cell of a table; numbers stand on the right. */
export type Cell = string | number;

/** Rows in columns, the first row underlined. */
export function table(rows: readonly (readonly Cell[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => String(row[column] ?? '').length)));
  const line = (row: readonly Cell[]): string =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = rows;
  return [
    styled('bold', line(head)),
    styled('dim', widths.map((width) => '─'.repeat(width)).join('  ')),
    ...body.map(line),
  ].join('\n');
}

function pad(cell: Cell, width: number): string {
  return typeof cell === 'number' ? String(cell).padStart(width) : cell.padEnd(width);
}

/** A word of a command line, quoted where a POSIX shell would take it for more than one. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
