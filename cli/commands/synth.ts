import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { makePlan } from '../../charts/synthesize';
import { earlierObjects } from '../../charts/earlier-objects';
import { writeFolder } from '../../charts/write-folder';
import { comparedWith, planToYaml, renderFiles } from '../../charts/write-plan';
import type { PlatformDefinition } from '../../constructs/define-platform';
import type { Environment } from '../../constructs/model/environment';
import { isDeployable, type Plan } from '../../constructs/model/plan';
import { chosenEnvironments, oneEnvironment } from '../environments';
import { DEFAULT_PROGRAM, loadProgram } from '../load-program';
import { countFindings, printFinding } from '../print-findings';
import { say, styled, table, tell, type Cell } from '../terminal';

/** What `ashlar synth` is told. */
export interface SynthOptions {
  readonly env: readonly string[];
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
  const program = loadProgram(programFile);
  const environments = options.stdout
    ? [oneEnvironment(program, options.env)]
    : chosenEnvironments(program, options.env);
  const outcomes = environments.map((environment) => {
    const start = performance.now();
    const written = output(makePlan(withSteadyHeap(program.definition), environment), options);
    return { environment, ...written, milliseconds: performance.now() - start };
  });
  for (const { environment, plan } of outcomes) {
    for (const finding of plan.findings)
      tell(`${styled('bold', environment.name, process.stderr)}: ${printFinding(finding, process.stderr)}\n`);
  }
  if (!options.stdout) printTable(outcomes, programFile);
  return outcomes.every(({ plan }) => isDeployable(plan)) ? 0 : 1;
}

/**
 * What a program describes stays until the end; most of what is made after that dies at once. V8 takes the first for a
 * reason to give young objects ever more room, which by then only costs memory (70 MB with 1,000 services).
 */
function withSteadyHeap(definition: PlatformDefinition): PlatformDefinition {
  return {
    ...definition,
    program: (platform) => {
      definition.program(platform);
      setFlagsFromString('--semi-space-growth-factor=1');
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
  say(`Next: ${styled('cyan', `kubectl apply -k ${last.folder}`)}`);
  if (example !== undefined) {
    const object = `Deployment/${example.metadata.namespace ?? ''}/${example.metadata.name}`;
    const program = programFile === DEFAULT_PROGRAM ? '' : `${programFile} `;
    say(`      ${styled('cyan', `npx ashlar explain ${program}--env ${last.environment.name} ${object}`)}`);
  }
}
