import type { App, Chart } from 'cdk8s';
import type { PlatformDefinition } from '../constructs/define-platform';
import type { Environment } from '../constructs/model/environment';
import { AshlarError } from '../constructs/model/error';
import { chartsOf, isDeployable, type PlannedObject } from '../constructs/model/plan';
import { makePlan } from './synthesize';

/**
 * Puts a platform into a stock cdk8s app: one chart a component, an `ApiObject` an object, in the plan's
 * order. `app.synth()`, `cdk8s synth` and `Testing.synth(chart)` then see what `ashlar synth` writes.
 *
 * The platform is built and sealed by this call.
 * @returns the charts, in the order of their names
 * @throws AshlarError with the findings, where there are errors
 *
 * @example
 * ```ts
 * const app = new App();
 * const charts = addToApp(app, shop, plainEnvironment('dev', 'development'));
 * app.synth();
 * ```
 */
export function addToApp(app: App, definition: PlatformDefinition, environment: Environment): readonly Chart[] {
  const cdk8s = require('cdk8s') as typeof import('cdk8s');
  const plan = makePlan(definition, environment);
  if (!isDeployable(plan)) throw new AshlarError(...plan.findings);
  return [...chartsOf(plan)].map(([id, objects]) => {
    const chart = new cdk8s.Chart(app, id, { disableResourceNameHashes: true });
    // cdk8s writes objects in the order in which they are made where nothing else is said. Its own search for an order
    // is quadratic in dependencies, and the plan has found one already.
    for (const object of objects) new cdk8s.ApiObject(chart, idOf(object), object.manifest);
    return chart;
  });
}

function idOf({ manifest }: PlannedObject): string {
  const { kind, metadata, apiVersion } = manifest;
  return [apiVersion, kind, metadata.namespace, metadata.name]
    .filter((part) => part !== undefined)
    .join('.')
    .replaceAll('/', '.');
}
