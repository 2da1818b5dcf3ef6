import path from 'node:path';
import { makePlan } from '../../charts/synthesize';
import { planToYaml, writePlan } from '../../charts/write-plan';
import type { PlatformDefinition } from '../../constructs/define-platform';
import type { Environment } from '../../constructs/model/environment';
import { isDeployable, type Plan } from '../../constructs/model/plan';
import { chosenEnvironments, oneEnvironment } from '../environments';
import { DEFAULT_PROGRAM, loadProgram } from '../load-program';
import { countFindings, printFinding } from '../print-findings';
import { say, styled, table, tell, type Cell } from '../terminal';
import { setUpForOnePlan } from '../v8-flags';

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
    const start = Date.now();
    const plan = makePlan(forOnePlan(program.definition), environment);
    const folder = output(plan, options);
    return { environment, plan, folder, milliseconds: Date.now() - start };
  });
  for (const { environment, plan } of outcomes) {
    for (const finding of plan.findings)
      tell(`${styled('bold', environment.name, process.stderr)}: ${printFinding(finding, process.stderr)}\n`);
  }
  if (!options.stdout) printTable(outcomes, programFile);
  return outcomes.every(({ plan }) => isDeployable(plan)) ? 0 : 1;
}

/** Once the program runs, all that a command needs is loaded. */
function forOnePlan(definition: PlatformDefinition): PlatformDefinition {
  return {
    ...definition,
    program: (platform) => {
      setUpForOnePlan();
      definition.program(platform);
    },
  };
}

function output(plan: Plan, { out, stdout }: SynthOptions): string | undefined {
  if (!isDeployable(plan)) return undefined;
  if (stdout) {
    process.stdout.write(planToYaml(plan));
    return undefined;
  }
  const folder = path.join(out, plan.environment.name);
  writePlan(plan, folder);
  return folder;
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
