import path from 'node:path';
import { makePlan } from '../../charts/synthesize';
import { earlierObjects } from '../../charts/earlier-objects';
import { leftOver } from '../../charts/left-over';
import { writeFolder } from '../../charts/write-folder';
import type { GitOpsFiles } from '../../charts/gitops/gitops';
import { comparedWith, planToYaml, renderFiles, writeGitOps } from '../../charts/write-plan';
import type { PlatformDefinition } from '../../constructs/define-platform';
import type { Environment } from '../../constructs/model/environment';
import { AshlarError } from '../../constructs/model/error';
import { isError, type Finding } from '../../constructs/model/finding';
import type { Plan } from '../../constructs/model/plan';
import { chosenEnvironments, oneEnvironment } from '../environments';
import { parseInputs } from '../inputs';
import { DEFAULT_PROGRAM, loadProgram } from '../load-program';
import { countFindings, printFinding } from '../print-findings';
import { quoted, say, styled, table, tell, type Cell } from '../terminal';
import { setUpForOnePlan } from '../v8-flags';

/** What `ashlar synth` is told. */
export interface SynthOptions {
  readonly env: readonly string[];
  readonly input: readonly string[];
  readonly out: string;
  readonly stdout: boolean;
  /** The GitOps tool that brings the YAML into clusters. */
  readonly gitops?: string;
}

interface Outcome {
  readonly environment: Environment;
  readonly plan: Plan;
  /** Those of the plan, and what the GitOps tool cannot do. */
  readonly findings: readonly Finding[];
  readonly milliseconds: number;
  /** Folder that holds the YAML; none where findings stood in the way. */
  readonly folder: string | undefined;
  /** What an earlier run wrote and this one does not. */
  readonly left: readonly string[];
}

/** Most objects that are named one by one. */
const MOST_LEFT = 10;

/** Writes the YAML of each environment. Exit code 1 where findings stand in the way of one; the others are written. */
export function synth(programFile: string, options: SynthOptions): number {
  if (options.out === '') throw noFolder();
  const inputs = parseInputs(options.input);
  const tool = toolOf(options);
  const program = loadProgram(programFile);
  const environments = options.stdout
    ? [oneEnvironment(program, options.env)]
    : chosenEnvironments(program, options.env);
  const outcomes = environments.map((environment) => {
    const start = Date.now();
    const plan = makePlan(forOnePlan(program.definition), environment, { inputs });
    const written = output(plan, options, tool?.(plan));
    return { environment, ...written, milliseconds: Date.now() - start };
  });
  for (const { environment, findings } of outcomes) {
    for (const finding of findings)
      tell(`${styled('bold', environment.name, process.stderr)}: ${printFinding(finding, process.stderr)}\n`);
  }
  if (!options.stdout) printTable(outcomes, programFile, options);
  return outcomes.every(({ findings }) => !findings.some(isError)) ? 0 : 1;
}

/**
 * What makes the objects of the tool that was named.
 * @throws AshlarError `unknown-gitops-tool`, `options-exclude-each-other`
 */
function toolOf({ gitops, stdout }: SynthOptions): ((plan: Plan) => GitOpsFiles) | undefined {
  if (gitops === undefined) return undefined;
  if (stdout) {
    throw new AshlarError({
      code: 'options-exclude-each-other',
      path: 'ashlar synth',
      message: 'A GitOps tool takes folders, which cannot be printed.',
      got: '--stdout --gitops',
      allowed: 'one of the two',
      fix: 'Leave --stdout out; the tool’s own objects are in the folder gitops.',
    });
  }
  if (gitops === 'argocd')
    return (require('../../charts/gitops/argocd') as typeof import('../../charts/gitops/argocd')).argocd;
  if (gitops === 'flux') return (require('../../charts/gitops/flux') as typeof import('../../charts/gitops/flux')).flux;
  throw new AshlarError({
    code: 'unknown-gitops-tool',
    path: 'ashlar synth --gitops',
    message: 'There is no such GitOps tool.',
    got: gitops,
    allowed: 'argocd, flux',
    fix: 'Choose one of them.',
  });
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

/** Once the program runs, all that a command needs is loaded. */
function forOnePlan(definition: PlatformDefinition): PlatformDefinition {
  return {
    ...definition,
    program: (platform, inputs) => {
      setUpForOnePlan();
      definition.program(platform, inputs);
    },
  };
}

/** Writes a plan, if nothing is wrong with it, nor with what it changes of what an earlier run wrote. */
function output(
  plan: Plan,
  { out, stdout }: SynthOptions,
  tool: GitOpsFiles | undefined,
): Pick<Outcome, 'plan' | 'findings' | 'folder' | 'left'> {
  const findings = [...plan.findings, ...(tool?.findings ?? [])];
  const nothing = { folder: undefined, left: [] };
  if (findings.some(isError)) return { plan, findings, ...nothing };
  if (stdout) {
    process.stdout.write(planToYaml(plan));
    return { plan, findings, ...nothing };
  }
  const folder = path.join(out, plan.environment.name);
  const files = renderFiles(plan, tool);
  const earlier = earlierObjects(folder, files);
  const compared = comparedWith(plan, earlier);
  const all = [...compared.findings, ...(tool?.findings ?? [])];
  if (all.some(isError)) return { plan: compared, findings: all, ...nothing };
  writeFolder(folder, files);
  if (tool !== undefined) writeGitOps(plan, gitopsFolder(out, plan), tool);
  return { plan: compared, findings: all, folder, left: leftOver(plan, earlier) };
}

/** The tool's own objects lie beside what it watches, not in it. */
function gitopsFolder(out: string, { environment }: Plan): string {
  return path.join(out, 'gitops', environment.name);
}

/** Tools that prune take these away by themselves. */
function tellLeftOver({ environment, left }: Outcome): void {
  if (left.length === 0) return;
  say();
  const objects = left.length === 1 ? 'One object is' : `${left.length} objects are`;
  say(
    `${environment.name}: ${objects} written no more. kubectl apply deletes nothing: do so once the others are there.`,
  );
  for (const name of left.slice(0, MOST_LEFT)) say(`      ${name}`);
  if (left.length > MOST_LEFT) say(`      and ${left.length - MOST_LEFT} more`);
}

function printTable(outcomes: readonly Outcome[], programFile: string, options: SynthOptions): void {
  const head: readonly Cell[] = ['environment', 'tier', 'services', 'calls', 'objects', 'findings', 'time', 'YAML'];
  const rows = outcomes.map(({ environment, plan, findings, milliseconds, folder }): readonly Cell[] => [
    environment.name,
    environment.tier,
    plan.counts.services,
    plan.counts.calls,
    plan.objects.length,
    countFindings(findings, plan.accepted.length),
    `${Math.round(milliseconds)} ms`,
    folder ?? 'not written: see the errors',
  ]);
  say(table([head, ...rows]));
  const written = outcomes.filter(({ folder }) => folder !== undefined);
  if (options.gitops === undefined) for (const outcome of written) tellLeftOver(outcome);
  const last = written.at(-1);
  if (last?.folder !== undefined) tellNext(last.plan, last.folder, programFile, options);
}

function tellNext(plan: Plan, folder: string, programFile: string, { gitops, out }: SynthOptions): void {
  const { environment, objects, prerequisites } = plan;
  say();
  const applied = gitops === undefined ? folder : gitopsFolder(out, plan);
  say(`Next: ${styled('cyan', `kubectl apply -k ${quoted(applied)}`)}`);
  if (gitops !== undefined) say(`      once ${styled('cyan', folder)} is in its repository`);
  const program = programFile === DEFAULT_PROGRAM ? '' : `${quoted(programFile)} `;
  if (prerequisites.length > 0) {
    const command = `npx ashlar prerequisites ${program}--env ${environment.name}`;
    say(`      ${styled('cyan', command)}  lists operators and Secrets that it relies on`);
  }
  const example = objects.find(({ manifest }) => manifest.kind === 'Deployment')?.manifest;
  if (example !== undefined) {
    const object = `Deployment/${example.metadata.namespace ?? ''}/${example.metadata.name}`;
    say(`      ${styled('cyan', `npx ashlar explain ${program}--env ${environment.name} ${object}`)}`);
  }
}
