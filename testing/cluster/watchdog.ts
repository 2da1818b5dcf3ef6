import { spawn, type ChildProcess } from 'node:child_process';

/**
 * A shell that outlives this process by a moment. It reads what is running from a pipe; the pipe ends with this process,
 * however that ends, and the shell then kills what is left, whole process groups at a time, and removes the folders.
 *
 * $1: this process. $2: the one that started it, or nothing. A jest worker goes on when jest is killed: once $2 is gone,
 * the worker is killed as well.
 */
const SCRIPT = `
trap '' INT TERM HUP
newline='
'
IFS=$newline
set -f
guard=
if [ -n "$2" ]; then
  ( while kill -0 "$2" 2>/dev/null; do sleep 1; done; kill -9 "$1" ) </dev/null >/dev/null 2>&1 &
  guard=$!
fi
kept=
without() { rest=; for entry in $kept; do [ "$entry" = "$1" ] || rest=$rest$newline$entry; done; kept=$rest; }
while read -r line; do
  case $line in
    +*) kept=$kept$newline\${line#+} ;;
    -*) without "\${line#-}" ;;
  esac
done
[ -n "$guard" ] && kill -9 "$guard"
for entry in $kept; do case $entry in group\\ *) kill -9 "-\${entry#group }" ;; esac; done
for entry in $kept; do case $entry in folder\\ *) rm -rf "\${entry#folder }" ;; esac; done
`;

let shell: ChildProcess | undefined;
let watched = 0;

/** Has a process group killed when this process ends, however it ends. Returns what ends the watch. */
export function watchGroup(leader: number): () => void {
  return watch(`group ${leader}`);
}

/** Has a folder removed when this process ends, however it ends. Returns what ends the watch. */
export function watchFolder(folder: string): () => void {
  return watch(`folder ${folder}`);
}

function watch(entry: string): () => void {
  shell ??= start();
  watched += 1;
  shell.stdin?.write(`+${entry}\n`);
  let over = false;
  return () => {
    if (over) return;
    over = true;
    watched -= 1;
    shell?.stdin?.write(`-${entry}\n`);
    if (watched > 0) return;
    shell?.stdin?.end();
    shell = undefined;
  };
}

function start(): ChildProcess {
  // A process with a channel to its parent is a worker.
  const parent = process.connected ? String(process.ppid) : '';
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'ashlar-watchdog', String(process.pid), parent], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // A shell that is gone cannot be told anything; nobody has to hear of that.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}
