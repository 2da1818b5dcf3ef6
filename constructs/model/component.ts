import { createRequire } from 'node:module';
import { RootConstruct, type Construct, type IConstruct } from 'constructs';
import { Element } from './element';
import { Recorder } from './recorder';

/** By which cdk8s 2 knows a chart and an object (`Chart.isChart`, `ApiObject.isApiObject`), whatever their class. */
const CHART = Symbol.for('cdk8s.Chart');

/** Longest name of a CronJob, in characters (Kubernetes 1.36, CronJob: its Jobs add eleven). */
const CRON_JOB_NAME = 52;

/** What cdk8s asks a chart for when one of its constructs is created inside. */
export interface ChartShape {
  /** Namespace that objects get which name none. @defaultValue none: the objects stay without one */
  readonly namespace?: string;
  /** Labels that each object gets. */
  readonly labels: Readonly<Record<string, string>>;
  /** Names an object that was given no name. It must be the same in each run. */
  generateObjectName(object: IConstruct & { readonly kind: string }): string;
}

/**
 * A deployable unit: written to a file of its own, deployed by a stack, owned by a team. It is a chart to every cdk8s
 * and cdk8s-plus construct that is created in it.
 */
export abstract class Component extends Element implements ChartShape {
  /** Namespace of the objects in it. */
  readonly namespace: string;
  /** Labels of the objects in it. */
  abstract readonly labels: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, namespace: string) {
    super(scope, id);
    this.namespace = namespace;
    Object.defineProperty(this, CHART, { value: true });
  }

  /** Name of a cdk8s object that was given none: its path in the component, without a hash. */
  generateObjectName(object: IConstruct & { readonly kind: string }): string {
    return nameInChart(this, object);
  }
}

/**
 * The root of everything that a program describes. It holds what belongs to no context, and it is a chart for it, too.
 */
export class Platform extends RootConstruct implements ChartShape {
  /** Labels of the objects that stand directly in it. */
  readonly labels: Readonly<Record<string, string>>;

  constructor(name: string) {
    super(name);
    this.labels = { 'app.kubernetes.io/part-of': name, 'app.kubernetes.io/managed-by': 'ashlar' };
    Object.defineProperty(this, CHART, { value: true });
    new Recorder(this);
  }

  /** Name of a cdk8s object that was given none: its path in the platform, without a hash. */
  generateObjectName(object: IConstruct & { readonly kind: string }): string {
    return nameInChart(this, object);
  }

  /** What cdk8s objects ask their root for when they are rendered; loaded only when there is such an object. */
  get resolvers(): readonly unknown[] {
    const load = createRequire(__filename);
    const resolve = load('cdk8s/lib/resolve') as Record<string, new () => unknown>;
    return ['LazyResolver', 'ImplicitTokenResolver', 'NumberStringUnionResolver'].map((name) => {
      const Resolver = resolve[name] as new () => unknown;
      return new Resolver();
    });
  }
}

/** The component that a construct belongs to, or the platform. */
export function componentOf(construct: IConstruct): Component | Platform {
  let at: IConstruct | undefined = construct;
  while (at !== undefined && !(CHART in at)) at = at.node.scope;
  return at as unknown as Component | Platform;
}

function nameInChart(chart: IConstruct, object: IConstruct & { readonly kind: string }): string {
  const below = object.node.path.slice(chart.node.path.length + 1);
  const name = below
    .replace(/\/(Default|Resource)$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name.slice(0, object.kind === 'CronJob' ? CRON_JOB_NAME : 63).replace(/-+$/, '');
}
