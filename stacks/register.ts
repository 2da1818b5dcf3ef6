import * as pulumi from '@pulumi/pulumi';
import { protectedKeys } from '../charts/protected';
import { displayNameOf, type KubeObject } from '../constructs/model/kube-object';
import { groupBy } from '../constructs/model/order';
import type { Plan, PlannedObject } from '../constructs/model/plan';
import { classOf, earlierTypes } from './classes';
import type { Cluster } from './cluster';
import type { Adoption } from './deploy-options';
import { Filler } from './fill';
import { annotated, optionsOf } from './resource-options';

/** Type of the component that holds the objects of a chart. It is part of the identity of each of them. */
const COMPONENT = 'ashlar:index:Chart';

/** The component of a chart. */
class Chart extends pulumi.ComponentResource {
  constructor(name: string, aliases: pulumi.Alias[]) {
    super(COMPONENT, name, {}, { aliases });
    this.registerOutputs({});
  }
}

/** What is told about single objects, by display name. */
export interface Told {
  readonly aliases: Readonly<Record<string, readonly (string | pulumi.Alias)[]>>;
  readonly adopt: Readonly<Record<string, Adoption>>;
}

/** What a plan becomes. */
export interface RegisterOptions extends Told {
  /** The objects of this stack, in the order of the plan. */
  readonly objects: readonly PlannedObject[];
  /** Where the objects of a chart go. */
  readonly clusterOf: (chart: string) => Cluster;
  readonly protect: boolean;
}

/** Resources of a plan, by key of the object. */
export type Resources = ReadonlyMap<string, pulumi.CustomResource>;

/**
 * Registers one resource an object, below one component a chart. A resource is known by the namespace and name of its
 * object and by nothing else: where a construct stands in the program, and what it is called there, replaces nothing.
 */
export function register(plan: Plan, options: RegisterOptions): Resources {
  return withoutStacks(() => registerAll(plan, options));
}

/**
 * The SDK takes a stack for each resource and each promise, to say where it was made: here that is always this file. It
 * is a quarter of all CPU time of a program.
 */
function withoutStacks<T>(run: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function registerAll(plan: Plan, options: RegisterOptions): Resources {
  const { objects, clusterOf } = options;
  const filler = new Filler(plan.holes);
  const guarded = options.protect ? protectedKeys(plan) : new Set<string>();
  const parents = new Map<string, pulumi.ComponentResource>();
  for (const chart of groupBy(objects, (object) => object.chart).keys()) {
    const { prefix, formerly } = clusterOf(chart);
    const name = `${plan.platform}/${chart}`;
    const aliases = formerly.map((former) => ({ name: `${former}${name}` }));
    parents.set(chart, new Chart(`${prefix}${name}`, aliases));
  }
  const resources = new Map<string, pulumi.CustomResource>();
  for (const object of objects) {
    const cluster = clusterOf(object.chart);
    const parent = parents.get(object.chart);
    const needed = object.dependsOn.flatMap(({ on }) => resources.get(on.key) ?? []);
    const resourceOptions: pulumi.CustomResourceOptions = {
      ...optionsOf(options.protect ? object : unprotected(object), guarded.has(object.key)),
      ...(parent !== undefined && { parent }),
      ...(needed.length > 0 && { dependsOn: needed }),
      provider: object.hints.keepEarlier === true ? cluster.keeper : cluster.provider,
      ...aliasesOf(object, cluster, options),
    };
    resources.set(object.key, make(object, cluster, filler, options.adopt, resourceOptions));
  }
  return resources;
}

function unprotected(object: PlannedObject): PlannedObject {
  const { retain: _retain, ...hints } = object.hints;
  return { ...object, hints };
}

/** `ordering/orders`; of an object of the whole cluster its name. */
export function logicalName({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

function aliasesOf(
  { manifest }: PlannedObject,
  { formerly }: Cluster,
  { aliases }: Told,
): { readonly aliases?: pulumi.Alias[] } {
  const told = aliases[displayNameOf(manifest)] ?? [];
  const all: pulumi.Alias[] = [
    ...told.map((alias) => (typeof alias === 'string' ? { name: alias } : alias)),
    ...formerly.map((former) => ({ name: `${former}${logicalName(manifest)}` })),
    ...earlierTypes(manifest).map((type) => ({ type })),
  ];
  return all.length > 0 ? { aliases: all } : {};
}

function make(
  object: PlannedObject,
  { prefix }: Cluster,
  filler: Filler,
  adopt: Told['adopt'],
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  const { manifest } = object;
  const name = `${prefix}${logicalName(manifest)}`;
  const args = annotated(filler.fill(manifest), object);
  const adoption = adopt[displayNameOf(manifest)];
  const Resource = classOf(manifest, adoption === 'patch' ? 'Patch' : '');
  return new Resource(name, args, {
    ...options,
    ...(adoption === 'import' && { import: logicalName(manifest) }),
    transformations: [(made) => ({ props: withAllFields(made.props, args), opts: made.opts })],
  });
}

/** The SDK's classes take the fields that they know: of a newer kind they would leave out the newer ones. */
function withAllFields(props: object, args: KubeObject): object {
  const lost = Object.keys(args).filter((field) => !(field in props));
  return lost.length === 0 ? props : { ...props, ...Object.fromEntries(lost.map((field) => [field, args[field]])) };
}
