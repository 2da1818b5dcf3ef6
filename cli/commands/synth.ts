import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { makePlan } from '../../charts/synthesize';
import { earlierObjects } from '../../charts/earlier-objects';
import { writeFolder } from '../../charts/write-folder';
import { comparedWith, planToYaml, renderFiles } from '../../charts/write-plan';
import type { PlatformDefinition } from '../../constructs/define-platform';
import type { Environment } from '../../constructs/model/environment';
import { AshlarError } from '../../constructs/model/error';
import { isDeployable, type Plan } from '../../constructs/model/plan';
import { chosenEnvironments, oneEnvironment } from '../environments';
import { parseInputs } from '../inputs';
import { DEFAULT_PROGRAM, loadProgram } from '../load-program';
import { countFindings, printFinding } from '../print-findings';
import { quoted, say, styled, table, tell, type Cell } from '../terminal';

/** What `ashlar synth` is told. */
export interface SynthOptions {
  readonly env: readonly string[];
  readonly input: readonly string[];
  readonly out: string;
  readonly stdout: boolean;
}

interface Outcome {
  readonly environment: Environment;
  readonly plan: Plan;
  readonly milliseconds: number;
  /** Folder that holds the YAML; none where findings stood in the way. */
  readonly folder: string | undefined;
}

/** Writes the YAML of each environment. Exit code 1 where findings stand in the way of one; the others are written. */
export function synth(programFile: string, options: SynthOptions): number {
  if (options.out === '') throw noFolder();
  const inputs = parseInputs(options.input);
  const program = loadProgram(programFile);
  const environments = options.stdout
    ? [oneEnvironment(program, options.env)]
    : chosenEnvironments(program, options.env);
  const outcomes = environments.map((environment) => {
    const start = performance.now();
    const written = output(makePlan(forOnePlan(program.definition), environment, { inputs }), options);
    return { environment, ...written, milliseconds: performance.now() - start };
  });
  for (const { environment, plan } of outcomes) {
    for (const finding of plan.findings)
      tell(`${styled('bold', environment.name, process.stderr)}: ${printFinding(finding, process.stderr)}\n`);
  }
  if (!options.stdout) printTable(outcomes, programFile);
  return outcomes.every(({ plan }) => isDeployable(plan)) ? 0 : 1;
}

function noFolder(): AshlarError {
  return new AshlarError({
    code: 'bad-option',
    path: '--out',
    message: 'The folder to write to has no name.',
    got: 'an empty text',
    allowed: 'a folder',
    fix: 'Name it, or leave --out away: it is k8s then.',
  });
}

/**
 * Sets V8 up for a process that makes one plan and ends.
 *
 * What a program describes stays until the end; most of what is made after that dies at once. V8 takes the first for a
 * reason to give young objects ever more room, which then only costs memory (100 MB with 1,000 services) and time: a
 * small room stays in the processor's caches. And what V8's last and dearest compiler makes comes too late to pay for
 * itself: it took a quarter of all CPU time, and 10,000 services are no slower without it.
 *
 * Not before the program runs: code that Node and V8 keep compiled is thrown away where flags were changed before it
 * is loaded.
 */
function forOnePlan(definition: PlatformDefinition): PlatformDefinition {
  return {
    ...definition,
    program: (platform, inputs) => {
      setFlagsFromString('--semi-space-growth-factor=1');
      setFlagsFromString('--no-opt');
      definition.program(platform, inputs);
    },
  };
}

/** Writes a plan, if nothing is wrong with it, nor with what it changes of what an earlier run wrote. */
function output(plan: Plan, { out, stdout }: SynthOptions): Pick<Outcome, 'plan' | 'folder'> {
  if (!isDeployable(plan)) return { plan, folder: undefined };
  if (stdout) {
    process.stdout.write(planToYaml(plan));
    return { plan, folder: undefined };
  }
  const folder = path.join(out, plan.environment.name);
  const files = renderFiles(plan);
  const compared = comparedWith(plan, earlierObjects(folder, files));
  if (!isDeployable(compared)) return { plan: compared, folder: undefined };
  writeFolder(folder, files);
  return { plan: compared, folder };
}

function printTable(outcomes: readonly Outcome[], programFile: string): void {
  const head: readonly Cell[] = ['environment', 'tier', 'services', 'calls', 'objects', 'findings', 'time', 'YAML'];
  const rows = outcomes.map(({ environment, plan, milliseconds, folder }): readonly Cell[] => [
    environment.name,
    environment.tier,
    plan.counts.services,
    plan.counts.calls,
    plan.objects.length,
    countFindings(plan.findings, plan.accepted.length),
    `${Math.round(milliseconds)} ms`,
    folder ?? 'not written: see the errors',
  ]);
  say(table([head, ...rows]));
  const written = outcomes.filter(({ folder }) => folder !== undefined);
  const last = written.at(-1);
  if (last?.folder === undefined) return;
  const example = last.plan.objects.find(({ manifest }) => manifest.kind === 'Deployment')?.manifest;
  say();
  say(`Next: ${styled('cyan', `kubectl apply -k ${quoted(last.folder)}`)}`);
  if (example !== undefined) {
    const object = `Deployment/${example.metadata.namespace ?? ''}/${example.metadata.name}`;
    const program = programFile === DEFAULT_PROGRAM ? '' : `${quoted(programFile)} `;
    say(`      ${styled('cyan', `npx ashlar explain ${program}--env ${last.environment.name} ${object}`)}`);
  }
}
