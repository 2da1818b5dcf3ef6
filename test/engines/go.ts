import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { clusterError, lastLines } from '../../testing/cluster/problems';
import { watchGroup } from '../../testing/cluster/watchdog';

/** How to run Go. */
export interface GoOptions {
  /** Working directory: that of a module, or a folder without one. @defaultValue the temporary folder */
  readonly folder?: string;
}

/** What Go says when it cannot reach the module proxy. */
const NO_NETWORK = /dial tcp|no such host|i\/o timeout|connection refused|network is unreachable|proxyconnect/;
const BAD_SUM = /checksum mismatch|SECURITY ERROR/;

/** Number of minor versions of Go that is needed: `go 1.26` in the modules. */
const GO_MINOR = 26;

/** Builds must not depend on what somebody has set: modules as pinned, the Go that is there, no C. */
const ENVIRONMENT = { GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOWORK: 'off' };

/**
 * Runs Go and returns what it printed.
 * @throws AshlarError `no-go`, `no-network`, `checksum-mismatch`, `go-failed`, with the last lines that it printed
 */
export function go(args: readonly string[], { folder = tmpdir() }: GoOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    // In a group of its own, so that its compilers end with it when this process is killed.
    const child = spawn('go', args, { cwd: folder, env: { ...process.env, ...ENVIRONMENT }, detached: true });
    const unwatch = child.pid === undefined ? () => undefined : watchGroup(child.pid);
    const printed: Buffer[] = [];
    const complaints: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
    child.on('error', (error) => reject(noGo(error.message)));
    child.on('close', (code) => {
      unwatch();
      const output = Buffer.concat(printed).toString();
      if (code === 0) resolve(output);
      else reject(failed(args, code, `${output}${Buffer.concat(complaints).toString()}`));
    });
  });
}

/** Why Go cannot build the engines here; undefined where it can. */
export async function whyNoGo(): Promise<string | undefined> {
  try {
    const version = (await go(['env', 'GOVERSION'])).trim();
    const minor = Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0);
    return minor >= GO_MINOR ? undefined : `Go 1.${GO_MINOR} or newer is needed, ${version} is installed`;
  } catch {
    return 'Go is not installed';
  }
}

function noGo(got: string): Error {
  return clusterError({
    code: 'no-go',
    path: 'engines',
    message: 'Go cannot be run.',
    got,
    allowed: `Go 1.${GO_MINOR} or newer on PATH`,
    fix: 'Install Go.',
  });
}

function failed(args: readonly string[], code: number | null, output: string): Error {
  const command = `go ${args.slice(0, 2).join(' ')} ... ${args.at(-1) ?? ''}`;
  const [problem, message, fix] = BAD_SUM.test(output)
    ? ['checksum-mismatch', 'A module is not the one that was pinned.', 'Do not use it; find out who changed it.']
    : NO_NETWORK.test(output)
      ? ['no-network', 'A module cannot be downloaded.', 'Check the network and GOPROXY, and run it again: it goes on.']
      : ['go-failed', 'Go did not come to its end.', 'Read its last lines.'];
  return clusterError({
    code: problem,
    path: 'engines',
    message,
    got: `${command}: exit code ${code}`,
    fix,
    log: lastLines(output),
  });
}
