import { execFileSync } from 'node:child_process';

/** A process of this machine. */
export interface ProcessEntry {
  readonly pid: number;
  /** The one that started it. */
  readonly parent: number;
  readonly command: string;
}

/** All processes of this machine, those apart that have ended and were not yet taken note of. */
export function processes(): readonly ProcessEntry[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, state = '', command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined || state.startsWith('Z') ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** What a process has started, and what those have started. */
export function descendantsOf(pid: number): readonly ProcessEntry[] {
  const all = processes();
  const below = (parent: number): readonly ProcessEntry[] =>
    all.filter((entry) => entry.parent === parent).flatMap((entry) => [entry, ...below(entry.pid)]);
  return below(pid);
}

/** Processes whose command line mentions a text. */
export function processesWith(text: string): readonly ProcessEntry[] {
  return processes().filter(({ command }) => command.includes(text));
}
