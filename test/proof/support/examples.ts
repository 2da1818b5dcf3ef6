import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Environment, Plan, PlannedObject, PlatformDefinition } from 'ashlar';
import { loadEnvironment, makePlan } from 'ashlar/charts';
import boutique from '../../../examples/online-boutique/platform';
import shop from '../../../examples/shop/platform';
import { groupOf } from '../../../constructs/model/kube-object';

/** A plan of an example, and what it is called in the name of a test. */
export interface Example {
  /** `shop`. */
  readonly name: string;
  /** `prod`. */
  readonly environment: string;
  readonly plan: Plan;
}

const EXAMPLES = path.join(__dirname, '../../../examples');
const DEFINITIONS: Readonly<Record<string, PlatformDefinition>> = { 'online-boutique': boutique, shop };

/**
 * The plan of an example in an environment. Acceptances are judged on a fixed day, so that proofs do not age.
 * @param change - of what the environment file says
 */
export function exampleOf(
  name: string,
  environment: string,
  change: (file: Environment) => Environment = (file) => file,
): Example {
  const definition = DEFINITIONS[name];
  if (definition === undefined) throw new Error(`There is no example ${name}.`);
  const folder = path.join(EXAMPLES, name, 'environments');
  const file = change(loadEnvironment(definition, folder, environment));
  return { name, environment, plan: makePlan(definition, file, { today: '2026-01-01' }) };
}

/** Every example in every environment that has a file. */
export function allExamples(): readonly Example[] {
  return Object.keys(DEFINITIONS).flatMap((name) => {
    const files = readdirSync(path.join(EXAMPLES, name, 'environments')).filter((file) => file.endsWith('.yaml'));
    return files.sort().map((file) => exampleOf(name, path.basename(file, '.yaml')));
  });
}

/** Groups of built-in kinds have no dot, or end like this. */
const BUILT_IN = /^(?:[a-z]*|.*\.k8s\.io)$/;

/**
 * A plan without the objects of operators, for servers that do not know their kinds: what the platform itself runs is all
 * there, and what operators would make of the rest is missing.
 */
export function withoutOperators(plan: Plan): Plan {
  const isBuiltIn = ({ manifest }: PlannedObject): boolean => BUILT_IN.test(groupOf(manifest.apiVersion));
  const objects = plan.objects
    .filter(isBuiltIn)
    .map((object) => ({ ...object, dependsOn: object.dependsOn.filter(({ on }) => isBuiltIn(on)) }));
  return { ...plan, objects };
}

/** An example without the objects of operators; new versions take over pod by pod, in Deployments. */
export function builtInExample(name: string, environment: string): Example {
  const example = exampleOf(name, environment, ({ backEnds, ...file }) => {
    const { rollout: _, ...others } = backEnds;
    return { ...file, backEnds: others };
  });
  return { ...example, plan: withoutOperators(example.plan) };
}
