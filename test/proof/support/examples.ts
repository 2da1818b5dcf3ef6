import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Plan, PlatformDefinition } from 'ashlar';
import { loadEnvironment, makePlan } from 'ashlar/charts';
import boutique from '../../../examples/online-boutique/platform';
import shop from '../../../examples/shop/platform';

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

/** The plan of an example in an environment. Acceptances are judged on a fixed day, so that proofs do not age. */
export function exampleOf(name: string, environment: string): Example {
  const definition = DEFINITIONS[name];
  if (definition === undefined) throw new Error(`There is no example ${name}.`);
  const folder = path.join(EXAMPLES, name, 'environments');
  const plan = makePlan(definition, loadEnvironment(definition, folder, environment), { today: '2026-01-01' });
  return { name, environment, plan };
}

/** Every example in every environment that has a file. */
export function allExamples(): readonly Example[] {
  return Object.keys(DEFINITIONS).flatMap((name) => {
    const files = readdirSync(path.join(EXAMPLES, name, 'environments')).filter((file) => file.endsWith('.yaml'));
    return files.sort().map((file) => exampleOf(name, path.basename(file, '.yaml')));
  });
}

/** The objects of a plan that every API server knows: of Kubernetes' own kinds. */
export function builtInPart(plan: Plan): Plan {
  const isBuiltIn = (apiVersion: string): boolean => /^([a-z]+\/)?v\d|\.k8s\.io\/v\d/.test(apiVersion);
  return { ...plan, objects: plan.objects.filter(({ manifest }) => isBuiltIn(manifest.apiVersion)) };
}
