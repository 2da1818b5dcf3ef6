import type { Command } from 'commander';
import { isAshlarError } from '../constructs/model/error';
import type { CheckOptions } from './commands/check';
import type { ExplainOptions } from './commands/explain';
import type { PrerequisitesOptions } from './commands/prerequisites';
import type { SecretsOptions } from './commands/secrets';
import type { SynthOptions } from './commands/synth';
import { DEFAULT_PROGRAM } from './load-program';
import type { ScaffoldOptions } from './scaffold';
import { printFinding } from './print-findings';
import { tell } from './terminal';
import { VERSION } from './version';

/** Exit codes: all is well; findings stand in the way; the command could not do its work. */
const OK = 0;
const ERROR = 2;

const PROGRAM = 'TypeScript or JavaScript file';
const INPUT = 'input of the program; may be given several times';
const ENVIRONMENT = 'environment; may be given several times; all where it is left out';

/**
 * Runs a command.
 * @param argv - what follows `ashlar` on the command line
 * @returns the exit code: 0, 1 for findings, 2 for errors
 */
export async function main(argv: readonly string[]): Promise<number> {
  let code = OK;
  // Whoever reads may have enough (`| head`).
  process.stdout.on('error', ({ code: reason }: NodeJS.ErrnoException) => {
    process.exit(reason === 'EPIPE' ? OK : ERROR);
  });
  const program = commandLine((result) => (code = result));
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return failed(error);
  }
}

/** The commands, each loaded when it is given; each hands its exit code to `done`. */
export function commandLine(done: (code: number) => void): Command {
  const { Command: Root, Option: CommandOption } = require('commander') as typeof import('commander');
  const root = new Root('ashlar')
    .description('Turns one description of a microservice system into validated Kubernetes YAML for every environment.')
    .version(VERSION)
    .showHelpAfterError()
    .exitOverride();
  root
    .command('synth')
    .description('write the YAML of each environment')
    .argument('[program]', PROGRAM, DEFAULT_PROGRAM)
    .option('-e, --env <name>', ENVIRONMENT, collect, [])
    .option('-i, --input <name=value>', INPUT, collect, [])
    .option('-o, --out <folder>', 'folder for one folder an environment, each replaced as a whole', 'k8s')
    .option('--gitops <tool>', 'write what Argo CD or Flux needs, too: argocd, flux')
    .option('--stdout', 'print the YAML of one environment instead, in the order in which it can be applied', false)
    .action((file: string, options: SynthOptions) =>
      done((require('./commands/synth') as typeof import('./commands/synth')).synth(file, options)),
    );
  root
    .command('check')
    .description('print what is wrong, and what was accepted')
    .argument('[program]', PROGRAM, DEFAULT_PROGRAM)
    .option('-e, --env <name>', ENVIRONMENT, collect, [])
    .option('-i, --input <name=value>', INPUT, collect, [])
    .action((file: string, options: CheckOptions) =>
      done((require('./commands/check') as typeof import('./commands/check')).check(file, options)),
    );
  root
    .command('explain')
    .description('say where an object and its values come from; without an object, list all')
    .argument('[program]', PROGRAM)
    .argument('[object]', 'Kind/namespace/name, such as Deployment/ordering/orders')
    .option('-e, --env <name>', 'environment', collect, [])
    .option('-i, --input <name=value>', INPUT, collect, [])
    .option('-z, --zone <name>', 'say what is left of each workload when this zone is gone')
    .action((first: string | undefined, second: string | undefined, options: ExplainOptions) => {
      const [file, object] = programAndObject(first, second);
      done((require('./commands/explain') as typeof import('./commands/explain')).explain(file, object, options));
    });
  root
    .command('prerequisites')
    .description('list the operators and Secrets that have to be in the cluster before')
    .argument('[program]', PROGRAM, DEFAULT_PROGRAM)
    .option('-e, --env <name>', 'environment', collect, [])
    .addOption(
      new CommandOption('-f, --format <format>', 'a list, or what installs the operators')
        .choices(['table', 'helm', 'pulumi', 'argocd'])
        .default('table'),
    )
    .action((file: string, options: PrerequisitesOptions) => {
      const { prerequisites } = require('./commands/prerequisites') as typeof import('./commands/prerequisites');
      done(prerequisites(file, options));
    });
  root
    .command('secrets')
    .description('write Secrets with new random values, for: kubectl create -f -')
    .argument('[program]', PROGRAM, DEFAULT_PROGRAM)
    .option('-e, --env <name>', 'environment', collect, [])
    .option(
      '--only <secret>',
      'namespace/name of a Secret; may be given several times; all where it is left out',
      collect,
      [],
    )
    .action((file: string, options: SecretsOptions) =>
      done((require('./commands/secrets') as typeof import('./commands/secrets')).secrets(file, options)),
    );
  root
    .command('new')
    .description('create a folder with a platform that synthesizes at once')
    .argument('<name>', 'name of the platform and of the folder')
    .option('--pulumi', 'make it a Pulumi project, too: one stack an environment', false)
    .action((name: string, options: ScaffoldOptions) =>
      done((require('./commands/new') as typeof import('./commands/new')).scaffold(name, options)),
    );
  root
    .command('completion')
    .description('print a completion script for a shell')
    .argument('<shell>', 'bash, zsh or fish')
    .action((shell: string) =>
      done((require('./commands/completion') as typeof import('./commands/completion')).completion(root, shell)),
    );
  root.addHelpText(
    'after',
    '\nExit codes: 0 all is well, 1 findings stand in the way, 2 the command could not do its work.',
  );
  return root;
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** A program is a file; an object has its kind in front of a slash. */
function programAndObject(
  first: string | undefined,
  second: string | undefined,
): readonly [string, string | undefined] {
  const isProgram = first !== undefined && /\.[cm]?[jt]s$/.test(first);
  return isProgram ? [first, second] : [DEFAULT_PROGRAM, first];
}

function failed(error: unknown): number {
  if (isAshlarError(error)) {
    tell(error.findings.map((finding) => printFinding(finding, process.stderr)).join('\n\n'));
    return ERROR;
  }
  const { code, exitCode } = error as { readonly code?: string; readonly exitCode?: number };
  // Commander has written its own message; help and version are no failure.
  if (code?.startsWith('commander.') === true) return exitCode === 0 ? OK : ERROR;
  throw error;
}
