import { argoApplications, helmCommands, pulumiProgram } from '../../charts/install-releases';
import { makePlan } from '../../charts/synthesize';
import type { Prerequisite, ReleasePrerequisite, SecretValue } from '../../constructs/model/prerequisite';
import { oneEnvironment } from '../environments';
import { loadProgram } from '../load-program';
import { printFinding } from '../print-findings';
import { say, styled, table, tell } from '../terminal';

/** What `ashlar prerequisites` is told. */
export interface PrerequisitesOptions {
  readonly env: readonly string[];
  /** A list for people, or what a tool installs the operators by. */
  readonly format: 'table' | 'helm' | 'pulumi' | 'argocd';
}

type Releases = readonly (ReleasePrerequisite & Prerequisite)[];

const WRITERS: Readonly<Record<Exclude<PrerequisitesOptions['format'], 'table'>, (releases: Releases) => string>> = {
  helm: helmCommands,
  pulumi: pulumiProgram,
  argocd: argoApplications,
};

/**
 * Lists what has to be in the cluster before the plan: operators and Secrets, with who needs them; or writes the operators
 * in the form of a tool that installs them. Exit code 1 where two back ends want different things of one operator.
 */
export function prerequisites(programFile: string, { env, format }: PrerequisitesOptions): number {
  const program = loadProgram(programFile);
  const environment = oneEnvironment(program, env);
  const plan = makePlan(program.definition, environment);
  const conflicts = plan.findings.filter(({ code }) => code === 'prerequisite-conflict');
  for (const finding of conflicts) tell(`${printFinding(finding, process.stderr)}\n`);
  if (conflicts.length > 0) return 1;
  const releases = plan.prerequisites.flatMap((one) => (one.type === 'release' ? [one] : []));
  if (format !== 'table') {
    if (releases.length > 0) process.stdout.write(WRITERS[format](releases));
    const secrets = plan.prerequisites.length - releases.length;
    if (secrets > 0) tell(`Besides, ${secrets} Secrets have to be there: ashlar secrets --env ${environment.name}`);
    return 0;
  }
  if (plan.prerequisites.length === 0) say(`Nothing has to be there before ${environment.name}.`);
  if (releases.length > 0) listReleases(releases);
  listSecrets(plan.prerequisites, environment.name);
  return 0;
}

function listReleases(releases: Releases): void {
  const rows = releases.map(({ name, version, namespace, chart, groups, for: paths }) => [
    name,
    version,
    namespace,
    `${chart.repository} ${chart.name} ${chart.version}`,
    groups.join(', '),
    neededBy(paths),
  ]);
  say(table([['operator', 'version', 'namespace', 'Helm chart', 'defines', 'needed by'], ...rows]));
  for (const { name, values } of releases) {
    if (values !== undefined) say(`${name} with values ${JSON.stringify(values)}`);
  }
  say();
}

function listSecrets(all: readonly Prerequisite[], environment: string): void {
  const secrets = all.flatMap((one) => (one.type === 'secret' ? [one] : []));
  if (secrets.length === 0) return;
  const rows = secrets.map(({ namespace, name, kind, keys, generated, for: paths }) => [
    `${namespace}/${name}`,
    kind,
    Object.entries(keys)
      .map(([key, value]) => `${key} (${origin(value)})`)
      .join(', '),
    generated ? 'ashlar secrets' : 'people',
    neededBy(paths),
  ]);
  say(table([['Secret', 'type', 'keys', 'made by', 'needed by'], ...rows]));
  say();
  const command = `ashlar secrets --env ${environment}`;
  if (secrets.some(({ generated }) => generated))
    say(`Make them: ${styled('cyan', `${command} | kubectl create -f -`)}`);
  else say(`How they are made says ${styled('cyan', command)}`);
}

/** Constructs that a table names; the others are counted. */
const SHOWN = 2;

/** Who needs it, below the platform: a table has to fit on a screen. */
function neededBy(paths: readonly string[]): string {
  const shown = paths.slice(0, SHOWN).map((path) => path.slice(path.indexOf('/') + 1));
  return paths.length > SHOWN ? `${shown.join(', ')} and ${paths.length - SHOWN} more` : shown.join(', ');
}

function origin(value: SecretValue): string {
  if ('random' in value) return 'random';
  return 'known' in value ? `known as ${value.known}` : 'a text';
}
