import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { PulumiProject } from '../../support/pulumi-project';

/** What a command of `pulumi` did. */
export interface PulumiRun {
  readonly code: number | null;
  readonly output: string;
}

const HOME = process.env['PULUMI_HOME'] ?? path.join(homedir(), '.pulumi');

/** The command `pulumi`: on the path, or where its npm launcher keeps it. */
function command(): string | undefined {
  const onPath = spawnSync('sh', ['-c', 'command -v pulumi'], { encoding: 'utf8' }).stdout.trim();
  if (onPath !== '') return onPath;
  const versions = path.join(HOME, 'versions');
  const kept = existsSync(versions) ? readdirSync(versions).sort() : [];
  return kept.map((version) => path.join(versions, version, 'bin/pulumi')).findLast((file) => existsSync(file));
}

function hasPlugin(): boolean {
  const plugins = path.join(HOME, 'plugins');
  const kept = existsSync(plugins) ? readdirSync(plugins) : [];
  const onPath = spawnSync('sh', ['-c', 'command -v pulumi-resource-kubernetes'], { encoding: 'utf8' });
  return kept.some((name) => name.startsWith('resource-kubernetes-')) || onPath.stdout.trim() !== '';
}

/** Why the scenarios cannot run here; undefined where they can. */
export function whyNoPulumi(): string | undefined {
  if (command() === undefined) return 'no command pulumi; get it with npx pulumi version';
  return hasPlugin() ? undefined : 'no Kubernetes plugin; get it with pulumi plugin install resource kubernetes';
}

/** Everything that a project says and keeps, for searches. */
export interface PulumiOptions {
  readonly kubeconfig: string;
  /** Environment variables of each command. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A Pulumi project with a file back end in a temporary folder. */
export class CliProject extends PulumiProject {
  readonly #env: NodeJS.ProcessEnv;
  readonly #outputs: string[] = [];

  constructor({ kubeconfig, env = {} }: PulumiOptions) {
    super();
    this.write({
      'Pulumi.yaml': 'name: shop\nruntime: nodejs\nmain: index.js\n',
      'package.json': '{ "name": "shop", "private": true, "main": "index.js" }\n',
      'state/.keep': '',
    });
    this.#env = {
      ...process.env,
      KUBECONFIG: kubeconfig,
      PULUMI_BACKEND_URL: `file://${this.path('state')}`,
      PULUMI_CONFIG_PASSPHRASE: 'of a test',
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      ...env,
    };
  }

  /** Writes the program. */
  program(text: string): this {
    writeFileSync(this.path('index.js'), text);
    return this;
  }

  /** Runs a command to its end. */
  pulumi(args: readonly string[], env: Readonly<Record<string, string>> = {}): PulumiRun {
    const { status, stdout, stderr } = spawnSync(
      command() ?? 'pulumi',
      [...args, '--non-interactive', '--color=never'],
      {
        cwd: this.folder,
        env: { ...this.#env, ...env },
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      },
    );
    this.#outputs.push(stdout, stderr);
    return { code: status, output: stdout + stderr };
  }

  /** Starts a command in a group of its own, so that all of it can be killed at once. */
  start(args: readonly string[]): ChildProcess {
    return spawn(command() ?? 'pulumi', [...args, '--non-interactive', '--color=never'], {
      cwd: this.folder,
      env: this.#env,
      stdio: 'ignore',
      detached: true,
    });
  }

  /** What a preview would do, by kind of operation; objects that stay the same are not in it. */
  changes(): Readonly<Record<string, readonly string[]>> {
    const { code, output } = this.pulumi(['preview', '--json']);
    if (code !== 0) throw new Error(output);
    const { steps = [] } = JSON.parse(output.slice(output.indexOf('{'))) as {
      readonly steps?: readonly { readonly op: string; readonly urn: string }[];
    };
    const changes: Record<string, string[]> = {};
    for (const { op, urn } of steps) if (op !== 'same') (changes[op] ??= []).push(urn.split('::').at(-1) ?? urn);
    return changes;
  }

  /** Everything that was printed, and everything in the folder of the back end. */
  everything(): string {
    const files = readdirSync(this.path('state'), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    return [...this.#outputs, ...files.map((file) => readFileSync(path.join(file.parentPath, file.name), 'utf8'))].join(
      '\n',
    );
  }
}
