import { makePlan } from '../../charts/synthesize';
import { zoneLoss, type ZoneLoss } from '../../charts/zone-loss';
import { toYaml } from '../../constructs/model/yaml';
import { AshlarError } from '../../constructs/model/error';
import { displayNameOf } from '../../constructs/model/kube-object';
import type { Plan, PlannedObject } from '../../constructs/model/plan';
import { shownManifest } from '../../constructs/model/shown';
import type { ObjectSource, Source } from '../../constructs/model/source';
import { oneEnvironment } from '../environments';
import { parseInputs } from '../inputs';
import { loadProgram } from '../load-program';
import { say, styled } from '../terminal';

/** What `ashlar explain` is told. */
export interface ExplainOptions {
  readonly env: readonly string[];
  readonly input: readonly string[];
  readonly zone?: string;
}

/**
 * Says where an object comes from: construct, derivation, relations, settings with the layer that gave them, patches,
 * and what it needs first. Without an object, lists all;
 * with a zone, says what is left without it.
 */
export function explain(programFile: string, object: string | undefined, options: ExplainOptions): number {
  const program = loadProgram(programFile);
  const environment = oneEnvironment(program, options.env);
  const plan = makePlan(program.definition, environment, { trace: true, inputs: parseInputs(options.input) });
  if (options.zone !== undefined) {
    explainZone(plan, options.zone, object);
    return 0;
  }
  if (object === undefined) {
    for (const planned of plan.objects) say(displayNameOf(planned.manifest));
    return 0;
  }
  const found = plan.objects.filter((planned) => names(planned).includes(object.toLowerCase()));
  if (found.length === 0) throw unknownObject(plan, object);
  for (const planned of found) explainOne(planned);
  return 0;
}

/** What is left of each workload, or of one, when a zone is gone. */
function explainZone(plan: Plan, zone: string, object: string | undefined): void {
  const all = zoneLoss(plan, zone).filter(
    ({ workload }) => object === undefined || workload.toLowerCase() === object.toLowerCase(),
  );
  if (all.length === 0 && object !== undefined) throw unknownObject(plan, object);
  say(styled('bold', `Left when ${zone} is gone, before anything takes the place of what was there`));
  const left = aligned(all.map((loss) => [loss.workload, leftOf(loss)]));
  for (const line of aligned(all.map((loss, index) => [left[index] ?? '', noteOf(loss)]))) say(`  ${line}`);
}

function leftOf({ pods, least, most }: ZoneLoss): string {
  return `${least === most ? least : `${least} to ${most}`} of ${pods}`;
}

function noteOf({ gone, isSpread, pods }: ZoneLoss): string {
  const where = isSpread || pods < 2 ? '' : 'nothing keeps its pods in several zones; ';
  return `${where}${gone === 'waits' ? 'volumes wait for the zone' : 'the rest comes up in other zones'}`;
}

/** `deployment/ordering/orders`, and with its group where kinds of several groups share a name. */
function names({ manifest }: PlannedObject): readonly string[] {
  const name = displayNameOf(manifest).toLowerCase();
  const group = manifest.apiVersion.split('/')[0] ?? '';
  return [name, name.replace('/', `.${group.toLowerCase()}/`)];
}

function explainOne(planned: PlannedObject): void {
  const { manifest, chart, construct, derivation, sources, settings, patches, dependsOn, hints } = planned;
  say(`${styled('bold', displayNameOf(manifest))}  ${manifest.apiVersion}, chart ${chart}`);
  section('made by', [`${construct}, derivation ${derivation}`]);
  section('because', lines(sources.filter(({ part }) => part === undefined)));
  section('parts', parts(sources));
  section(
    'values',
    aligned(
      [...new Map(settings.map((trace) => [trace.setting, trace])).values()].map(({ setting, value, from }) => [
        `${setting} = ${value}`,
        from,
      ]),
    ),
  );
  section('patched', lines(patches));
  section('needs', aligned(dependsOn.map(({ on, reason }) => [displayNameOf(on.manifest), reason])));
  section(
    'hints',
    Object.entries(hints).map(([hint, value]) => (value === true ? hint : `${hint}: ${String(value)}`)),
  );
  say();
  say(toYaml(shownManifest(manifest)));
}

function section(title: string, content: readonly string[]): void {
  for (const [index, line] of content.entries()) {
    say(`  ${styled('dim', (index === 0 ? title : '').padEnd(9))}${line}`);
  }
}

function lines(sources: readonly Source[]): readonly string[] {
  const said = sources.map(({ by, at }) => [by, at] as const);
  return [...new Set(aligned(said))];
}

/** Which call, or what else, made which block of an object that many have a part in. */
function parts(sources: readonly ObjectSource[]): readonly string[] {
  const made = sources.flatMap(({ part, by, at }) => (part === undefined ? [] : [{ part, by, at }]));
  const said = aligned(made.map(({ by, at }) => [by, at]));
  return [...new Set(aligned(made.map(({ part }, index) => [part, said[index] ?? ''])))];
}

function aligned(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(0, ...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `${left.padEnd(width)}  ${styled('dim', right)}`);
}

function unknownObject(plan: Plan, object: string): AshlarError {
  const { closest } = require('fastest-levenshtein') as typeof import('fastest-levenshtein');
  const known = plan.objects.map(({ manifest }) => displayNameOf(manifest));
  return new AshlarError({
    code: 'unknown-object',
    path: `environment ${plan.environment.name}`,
    message: 'No such object is planned.',
    got: object,
    allowed: known.length === 0 ? 'the plan is empty' : `did you mean ${closest(object, known)}?`,
    fix: `List all with: ashlar explain --env ${plan.environment.name}`,
  });
}
