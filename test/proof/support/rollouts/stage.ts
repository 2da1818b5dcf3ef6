import type { KubeObject, Plan, PlatformDefinition } from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';
import type { Applied, Cluster } from 'ashlar/testing/cluster';
import { Lab, type LabOptions } from '../mesh/lab';
import type { Answer, App } from '../mesh/talk';
import type { Placeable } from '../mesh/placed';
import { argo } from './engine';

/** Label of the pods of one version. */
export const VERSION = 'rollouts-pod-template-hash';

/** What istiod watches, besides pods. */
const WATCHED: readonly (readonly [apiVersion: string, kind: string])[] = [
  ['v1', 'Service'],
  ['networking.istio.io/v1', 'VirtualService'],
  ['networking.istio.io/v1', 'DestinationRule'],
  ['networking.istio.io/v1', 'Gateway'],
  ['networking.istio.io/v1', 'Sidecar'],
  ['security.istio.io/v1', 'AuthorizationPolicy'],
  ['security.istio.io/v1', 'PeerAuthentication'],
  ['security.istio.io/v1', 'RequestAuthentication'],
  ['networking.istio.io/v1', 'ServiceEntry'],
  ['networking.istio.io/v1alpha3', 'EnvoyFilter'],
  ['gateway.networking.k8s.io/v1', 'Gateway'],
  ['gateway.networking.k8s.io/v1', 'HTTPRoute'],
];

/** The plan of a definition in staging, with a mesh, a gateway, and somebody who performs releases. */
export function released(definition: PlatformDefinition, metrics = 'http://127.0.0.1:9', gateway = 'istio'): Plan {
  const at = 'environments/staging.yaml:1:1';
  const environment = {
    ...plainEnvironment('staging', 'staging'),
    backEnds: {
      mesh: { name: 'istio-sidecar', options: {}, at },
      gateway: { name: gateway, options: {}, at },
      rollout: { name: 'argo-rollouts', options: { metrics, scrapeSeconds: 1 }, at },
    },
  };
  return makePlan(definition, environment, { today: '2026-01-01' });
}

type Planned = Plan['objects'][number];

/**
 * An object as tools send it that respect what controllers write: with the live value of each such field. Left out it
 * would be removed, as long as nobody else has written it (Kubernetes 1.36, "Server-Side Apply").
 */
async function respectful(cluster: Cluster, { manifest, hints }: Planned): Promise<KubeObject> {
  const owned = hints.ownedElsewhere ?? [];
  const live = owned.length === 0 ? undefined : await cluster.get(manifest);
  if (live === undefined) return manifest;
  const copy = structuredClone(manifest);
  for (const pointer of owned) {
    const steps = pointer.split('/').slice(1);
    const last = steps.pop() ?? '';
    const holder = holderOf(copy, steps);
    if (last in holder) holder[last] = holderOf(live, steps)[last];
  }
  return copy;
}

function holderOf(object: KubeObject, steps: readonly string[]): Record<string, unknown> {
  let holder = object as unknown as Record<string, unknown>;
  for (const step of steps) holder = holder[step] as Record<string, unknown>;
  return holder;
}

/** A Rollout as it is stored. */
export interface StoredRollout extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly abort?: boolean;
    readonly currentStepIndex?: number;
    readonly stableRS?: string;
    readonly currentPodHash?: string;
    readonly pauseConditions?: readonly { readonly reason: string }[];
    readonly canary?: { readonly weights?: { readonly canary: { readonly weight: number } } };
  };
}

/** A release in a cluster: what is stored of it, and what its proxies make of that. */
export class Stage {
  constructor(
    readonly cluster: Cluster,
    readonly namespace: string,
    readonly name: string,
  ) {}

  /** The Rollout as it is stored. */
  async rollout(): Promise<StoredRollout> {
    const { namespace, name } = this;
    const id = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata: { namespace, name } };
    return (await this.cluster.get<StoredRollout>(id)) ?? { ...id };
  }

  /** Waits until the Rollout is so. */
  async until(
    what: string,
    so: (status: NonNullable<StoredRollout['status']>) => boolean,
    withinMs = 60_000,
  ): Promise<number> {
    const start = performance.now();
    await this.cluster.until(
      async () => {
        const { status = {} } = await this.rollout();
        if (so(status)) return true;
        throw new Error(JSON.stringify(status));
      },
      { what: `${this.name}: ${what}`, withinMs },
    );
    return performance.now() - start;
  }

  /** Waits until it is held at a step. */
  paused(step: number): Promise<number> {
    return this.until(
      `held at step ${step}`,
      ({ currentStepIndex, pauseConditions = [] }) => currentStepIndex === step && pauseConditions.length > 0,
    );
  }

  /** Waits until all requests are at the newest version. */
  through(): Promise<number> {
    return this.until(
      'through',
      ({ phase, currentPodHash, stableRS }) => phase === 'Healthy' && currentPodHash === stableRS,
    );
  }

  /** Sends objects as a tool does that leaves to controllers what is theirs. */
  async send(objects: readonly Planned[]): Promise<readonly Applied[]> {
    const sent = await Promise.all(objects.map((object) => respectful(this.cluster, object)));
    return this.cluster.apply(sent, { wait: false });
  }

  /** Says to the controller, as a person does: `promote`, `abort`. */
  say(word: 'promote' | 'abort', ...flags: readonly string[]): Promise<string> {
    return argo(this.cluster, word, this.name, '-n', this.namespace, ...flags);
  }

  /** The weight of the new version, as proxies are told. */
  async weight(): Promise<number> {
    const { namespace, name } = this;
    const metadata = { namespace, name: `${name}-http-versions` };
    const found = await this.cluster.get<Weights>({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata,
    });
    return found?.spec.http[0]?.route[1]?.weight ?? Number.NaN;
  }

  /** Live pods, by service. */
  async pods(name = this.name): Promise<readonly KubeObject[]> {
    const { namespace } = this;
    const pods = await this.cluster.list<Pod>('v1', 'Pod', { namespace, labels: { 'app.kubernetes.io/name': name } });
    return pods.filter(isReady);
  }

  /**
   * Proxies and applications of live pods, with what istiod makes of the objects that are stored now.
   * @param made - pods and Services that istiod would make
   * @param of - the services whose pods are started; all of them where it is left out
   */
  async lab(options: LabOptions = {}, made: readonly KubeObject[] = [], of?: readonly string[]): Promise<VersionedLab> {
    const pods = (await this.cluster.list<Pod>('v1', 'Pod')).filter(isReady);
    const lists = await Promise.all(WATCHED.map(([apiVersion, kind]) => this.cluster.list(apiVersion, kind)));
    const namespaces = await this.cluster.list('v1', 'Namespace');
    const objects = [...namespaces, ...pods, ...lists.flat()].filter(
      ({ metadata }) => metadata.namespace !== 'default',
    );
    const lab = new VersionedLab(
      { objects: [...objects.map(plain), ...made].map((manifest) => ({ manifest })) },
      options,
    );
    try {
      const isWanted = (key: string): boolean =>
        of?.includes(lab.pod(key).labels['app.kubernetes.io/name'] ?? '') ?? true;
      await lab.start(...lab.reachable().filter(isWanted));
      return lab;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }
}

/** Proxies of a lab follow the weights that are stored now. */
export async function followWeights(cluster: Cluster, lab: Lab): Promise<void> {
  const stored = await cluster.list('networking.istio.io/v1', 'VirtualService');
  lab.follow('VirtualService', stored.map(plain));
}

interface Weights {
  readonly spec: { readonly http: readonly { readonly route: readonly { readonly weight?: number }[] }[] };
}

interface Pod extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

function isReady({ metadata, status }: Pod): boolean {
  if ('deletionTimestamp' in metadata) return false;
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;
}

/** Without what the server and its controllers added. */
function plain({ apiVersion, kind, metadata, ...rest }: KubeObject): KubeObject {
  const { name, namespace, labels, annotations } = metadata;
  const { status: _, ...content } = rest as { readonly status?: unknown };
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(labels !== undefined && { labels }),
      ...(annotations !== undefined && { annotations }),
    },
    ...content,
  };
}

/** A lab whose pods are of several versions. */
export class VersionedLab extends Lab {
  /** @param versionLabel - label by which versions are told apart */
  constructor(
    plan: Placeable,
    options: LabOptions = {},
    private readonly versionLabel = VERSION,
  ) {
    super(plan, options);
  }

  /** Pods that call, and those that some Service leads to: a version that was replaced stands for a while without one. */
  reachable(): readonly string[] {
    const led = new Set([...this.placed.services.values()].flatMap(({ pods }) => pods.map(({ key }) => key)));
    return [...this.placed.pods.values()]
      .filter(({ key, isAmbient }) => isAmbient || this.configs.has(key))
      .filter(({ key, ports }) => ports.length === 0 || led.has(key))
      .map(({ key }) => key);
  }

  /** Applications of a version. */
  appsOf(version: string): readonly App[] {
    const pods = [...this.placed.pods.values()].filter(({ labels }) => labels[this.versionLabel] === version);
    return pods.flatMap(({ key }) => this.apps.get(key) ?? []);
  }

  /** The pod of a service; of several, the first. */
  podOf(name: string): string {
    const found = [...this.placed.pods.values()].find(({ labels }) => labels['app.kubernetes.io/name'] === name);
    if (found === undefined) throw new Error(`There is no pod of ${name}.`);
    return found.key;
  }

  /** Calls so often, none of which may fail, and says which share, in percent, came to the pods of a version. */
  async share(version: string, times: number, call: () => Promise<Pick<Answer, 'status' | 'body'>>): Promise<number> {
    for (const app of this.apps.values()) app.seen = [];
    const refused: string[] = [];
    const one = async (): Promise<void> => {
      const { status, body } = await call();
      if (status !== 200) refused.push(`${status} ${body}`);
    };
    for (let left = times; left > 0; left -= 20) await Promise.all(Array.from({ length: Math.min(20, left) }, one));
    const seen = (of: (hash: string | undefined) => boolean): number =>
      [...this.placed.pods.values()]
        .filter(({ labels }) => of(labels[this.versionLabel]))
        .reduce((sum, { key }) => sum + (this.apps.get(key)?.seen.length ?? 0), 0);
    const all = seen((hash) => hash !== undefined);
    if (all !== times || refused.length > 0)
      throw new Error(`${all} of ${times} arrived; refused with\n${refused.join('\n')}`);
    return (100 * seen((hash) => hash === version)) / all;
  }
}
