import path from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { loadEnvironment } from '../charts/load-environment';
import { openPlatform, type OpenPlatform } from '../charts/synthesize';
import type { PlatformDefinition } from '../constructs/define-platform';
import { AshlarError, isAshlarError } from '../constructs/model/error';
import { isError } from '../constructs/model/finding';
import { findingText } from '../constructs/model/finding-text';
import { displayNameOf } from '../constructs/model/kube-object';
import { isDeployable, type Plan, type PlannedObject } from '../constructs/model/plan';
import { Claims } from './claims';
import { Cluster, type ClusterOptions } from './cluster';
import type { DeployOptions, InputsOption } from './deploy-options';
import { endpointsOf } from './endpoints';
import { inspect } from './live/inspect';
import { orderOfCharts } from './order';
import { register, type Resources } from './register';

/** What came of it. Everything is an Output: a plan is made once it is known which inputs are secret. */
export interface Deployed {
  /** Address of each Service: `{ 'ordering/orders': 'orders.ordering.svc:8080' }`. What other stacks need. */
  readonly endpoints: pulumi.Output<Readonly<Record<string, string>>>;
  /** Display names of the objects, in the order of the plan: `Deployment/ordering/orders`. */
  readonly objects: pulumi.Output<readonly string[]>;
  /** The resources, in the same order: what comes after the platform depends on them. */
  readonly resources: pulumi.Output<pulumi.CustomResource[]>;
}

/**
 * Deploys a platform: one Pulumi resource an object, with names, order, waiting, protection and ownership of fields
 * from the plan. Outputs may be any prop and any input; a secret one becomes a Secret object and a reference.
 *
 * Nothing is registered where something is wrong: findings of the plan, a place that must be known before, a cluster
 * that does not answer.
 * @throws AshlarError `unknown-environment`, `bad-environment`, `program-threw`; what is found later fails the Outputs
 *
 * @example
 * ```ts
 * import * as pulumi from '@pulumi/pulumi';
 * import { deploy } from 'ashlar/stacks';
 * import shop from './platform';
 *
 * const config = new pulumi.Config();
 * export const { endpoints, objects } = deploy(shop, {
 *   environment: pulumi.getStack(),
 *   inputs: { apiKey: config.requireSecret('apiKey') },
 * });
 * ```
 */
export function deploy<Inputs extends object = object>(
  definition: PlatformDefinition<Inputs>,
  options: DeployOptions & InputsOption<Inputs>,
): Deployed {
  const { environment } = options;
  return asRunError(() => {
    const chosen =
      typeof environment === 'string'
        ? loadEnvironment(definition, path.resolve(options.folder ?? 'environments'), environment)
        : environment;
    const open = openPlatform(definition, chosen, { inputs: outputs(options.inputs ?? {}) as Inputs });
    // A plan is made after the program has run: until then nobody else would keep the engine waiting.
    const done = pulumi.runtime.rpcKeepAlive();
    const deployed = asRunErrorLater(start(open, options)).finally(done);
    return {
      endpoints: pulumi.output(deployed.then(({ objects, resources }) => pulumi.all(endpointsOf(objects, resources)))),
      objects: pulumi.output(deployed.then(({ objects }) => objects.map(({ manifest }) => displayNameOf(manifest)))),
      resources: pulumi.output(deployed.then(({ resources }) => [...resources.values()])),
    };
  });
}

/** Promises as Outputs, so that a program sees one kind of value that is known later. */
function outputs(inputs: object): object {
  const entries = Object.entries(inputs) as [string, unknown][];
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof Promise ? pulumi.output(value) : value]),
  );
}

interface Started {
  readonly objects: readonly PlannedObject[];
  readonly resources: Resources;
}

async function start(open: OpenPlatform, options: DeployOptions): Promise<Started> {
  const plan = open.seal({ secrets: await secretsAmong(open) });
  const objects = chosenObjects(plan, options.only);
  const clusterOf = clustersOf(plan, options);
  const findings = [...problemsOfNames(plan, options), ...Claims.ofThisRun().claim(plan, objects, options)];
  if (!isDeployable(plan) || findings.length > 0) throw new AshlarError(...plan.findings.filter(isError), ...findings);
  for (const finding of plan.findings) void pulumi.log.warn(findingText(finding));
  await inspect(plan, objects, options);
  tellOrder(plan, options);
  if (options.recover === true) tellRecovery();
  const { protect = true, aliases = {}, adopt = {} } = options;
  return { objects, resources: register(plan, { objects, clusterOf, protect, aliases, adopt }) };
}

/** Tokens of the Outputs that are secret. Pulumi promises to tell, so the platform is sealed after that. */
async function secretsAmong({ holes }: OpenPlatform): Promise<readonly string[]> {
  const told = [...holes.values()].map(async ({ token, value }) =>
    value !== undefined && (await pulumi.isSecret(pulumi.output(value))) ? [token] : [],
  );
  return (await Promise.all(told)).flat();
}

function chosenObjects(plan: Plan, only: readonly string[] | undefined): readonly PlannedObject[] {
  return only === undefined ? plan.objects : plan.objects.filter(({ chart }) => only.includes(chart));
}

function clustersOf(plan: Plan, { cluster = {}, clusters = {}, recover = false }: DeployOptions) {
  const made = new Map<ClusterOptions, Cluster>();
  return (chart: string): Cluster => {
    const options = clusters[chart] ?? cluster;
    let known = made.get(options);
    if (known === undefined) made.set(options, (known = new Cluster(plan, options, recover)));
    return known;
  };
}

/** Charts and objects that are named and not there. */
function problemsOfNames(plan: Plan, { only = [], clusters = {}, adopt = {}, aliases = {} }: DeployOptions) {
  const charts = [...new Set(plan.objects.map(({ chart }) => chart))];
  const names = new Set(plan.objects.map(({ manifest }) => displayNameOf(manifest)));
  const unknown = (field: string, got: string, allowed: string) => ({
    code: field === 'only' || field === 'clusters' ? 'unknown-chart' : 'unknown-object',
    path: `deploy(${plan.platform})`,
    message: `${field} names what the plan of ${plan.environment.name} does not have.`,
    field,
    got,
    allowed,
    fix: 'Correct the name, or leave it out.',
  });
  const nameless = Object.entries(clusters).filter(([, { name }]) => name === undefined);
  return [
    ...only.filter((one) => !charts.includes(one)).map((one) => unknown('only', one, charts.join(', '))),
    ...Object.keys(clusters).flatMap((one) =>
      charts.includes(one) ? [] : [unknown('clusters', one, charts.join(', '))],
    ),
    ...Object.keys(adopt).flatMap((one) =>
      names.has(one) ? [] : [unknown('adopt', one, 'names as ashlar explain lists them')],
    ),
    ...Object.keys(aliases).flatMap((one) =>
      names.has(one) ? [] : [unknown('aliases', one, 'names as ashlar explain lists them')],
    ),
    ...nameless.map(([chart]) => ({
      code: 'cluster-without-name',
      path: `deploy(${plan.platform})`,
      message: `The chart ${chart} goes to a cluster of its own, which has no name.`,
      field: `clusters.${chart}.name`,
      got: 'none',
      allowed: 'a name, which tells its resources from those of other clusters',
      fix: `Write clusters: { ${chart}: { name: 'eu', ... } }.`,
    })),
  ];
}

/** Whoever splits a platform over stacks has to know which comes first. */
function tellOrder(plan: Plan, { only }: DeployOptions): void {
  if (only === undefined) return;
  const order = orderOfCharts(plan).map((chart) => (only.includes(chart) ? `${chart} (this stack)` : chart));
  void pulumi.log.info(
    `ashlar: the charts of ${plan.platform}, in the order in which their stacks are deployed: ${order.join(', ')}`,
  );
}

function tellRecovery(): void {
  void pulumi.log.warn(
    'ashlar: recover is on. This run adopts whatever is in the cluster under the names of the plan. Switch it off for ' +
      'the next run: with it, an object that was renamed without an alias is deleted.',
  );
}

/** Findings are told without the stack of the function that threw them. */
function asRunError<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw withoutStack(error);
  }
}

async function asRunErrorLater<T>(running: Promise<T>): Promise<T> {
  try {
    return await running;
  } catch (error) {
    throw withoutStack(error);
  }
}

/** By this mark Pulumi knows an error of the program that speaks for itself (`RunError` of `@pulumi/pulumi` 3). */
function withoutStack(error: unknown): unknown {
  return isAshlarError(error) ? Object.assign(error, { __pulumiRunError: true }) : error;
}
