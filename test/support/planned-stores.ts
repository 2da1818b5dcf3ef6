import {
  BoundedContext,
  Microservice,
  type BackEndChoice,
  type IStore,
  type Plan,
  type SecretPrerequisite,
} from 'ashlar';
import { objectOf, planOf, type PlanOptions } from './plans';

const IMAGE = 'ghcr.io/acme/service:1.0.0';

/** Two zones, so that production is content. */
const ZONES = ['zone-a', 'zone-b'];

/** What a test may say of the environment of a store. */
export interface StoreOptions extends PlanOptions {
  /** Back end of the engine and its options. @defaultValue its own default */
  readonly backEnd?: readonly [need: string, name: string, options?: Readonly<Record<string, unknown>>];
  /** Generation of its passwords. @defaultValue 1 */
  readonly generation?: number;
}

/** The plan of a store that `catalog` owns and `search` reads, in the context `catalogue`. */
export function planWithStore(make: (context: BoundedContext) => IStore, options: StoreOptions = {}): Plan {
  const { backEnd, generation = 1, environment, ...rest } = options;
  const [need = '', name = '', of = {}] = backEnd ?? [];
  const backEnds: Record<string, BackEndChoice> =
    backEnd === undefined ? {} : { [need]: { name, options: of, at: 'environments/dev.yaml:2:3' } };
  const settings = { credentialGeneration: { value: generation, at: 'environments/dev.yaml:3:3' } };
  const layers = [{ name: 'environment' as const, settings, config: {}, services: {} }];
  return planOf(
    (platform) => {
      const catalogue = new BoundedContext(platform, 'catalogue', { team: 'catalogue' });
      const store = make(catalogue);
      new Microservice(catalogue, 'catalog', { image: IMAGE }).owns(store);
      new Microservice(catalogue, 'search', { image: IMAGE }).reads(store);
      new Microservice(catalogue, 'stranger', { image: IMAGE });
    },
    { ...rest, environment: { zones: ZONES, backEnds, layers, ...environment } },
  );
}

/** Variables of a container, by name: a text, or the Secret and key that it comes from. */
export function variablesOf(container: { readonly env?: readonly EnvVariable[] }): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (container.env ?? []).map(({ name, value, valueFrom }) => {
      const { name: secret = '', key = '' } = valueFrom?.secretKeyRef ?? {};
      return [name, value ?? `${secret}/${key}`];
    }),
  );
}

interface EnvVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}

/** As much of a container as tests read. */
export interface TestContainer {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly command: readonly string[];
  readonly env?: readonly EnvVariable[];
  readonly resources: unknown;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

/** As much of a pod as tests read; a missing container fails the test that reads it. */
export interface TestPod {
  readonly containers: readonly [TestContainer, ...TestContainer[]];
  readonly initContainers: readonly [TestContainer, ...TestContainer[]];
  readonly volumes: readonly unknown[];
}

/** The pod of a workload of the context. */
export function podOf(plan: Plan, kind: string, name: string): TestPod {
  const manifest = objectOf(plan, `${kind}/catalogue/${name}`);
  const spec = manifest.kind === 'CronJob' ? manifest['spec'].jobTemplate.spec : manifest['spec'];
  return spec.template.spec;
}

/** The pod of the one Job whose name starts like this. */
export function podOfJob(plan: Plan, prefix: string): TestPod {
  const jobs = plan.objects.filter(
    ({ manifest: { kind, metadata } }) => kind === 'Job' && metadata.name.startsWith(`${prefix}-`),
  );
  expect(jobs).toHaveLength(1);
  const { spec } = jobs[0]?.manifest as unknown as { spec: { template: { spec: TestPod } } };
  return spec.template.spec;
}

/** Names of the Secrets that somebody has to make. */
export function secretsOf(plan: Plan): Readonly<Record<string, SecretPrerequisite['keys']>> {
  return Object.fromEntries(plan.prerequisites.flatMap((one) => (one.type === 'secret' ? [[one.name, one.keys]] : [])));
}

/** Who may reach the pods of a policy, and whom they may reach: `catalog:27017`. */
export function trafficOf(
  plan: Plan,
  policy: string,
): { readonly in: readonly string[]; readonly out: readonly string[] } {
  const { ingress = [], egress = [] } = objectOf(plan, `NetworkPolicy/catalogue/${policy}`)['spec'];
  return {
    in: ingress.flatMap((rule: Rule) => print(rule.from, rule)),
    out: egress.flatMap((rule: Rule) => print(rule.to, rule)),
  };
}

interface Rule {
  readonly from: readonly Peer[];
  readonly to: readonly Peer[];
  readonly ports: readonly { readonly port: number }[];
}

interface Peer {
  readonly podSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly ipBlock?: { readonly cidr: string };
}

function print(peers: readonly Peer[], { ports }: Rule): readonly string[] {
  const numbers = ports.map(({ port }) => port).join(',');
  return peers.map(({ podSelector, ipBlock }) => {
    const labels = podSelector?.matchLabels ?? {};
    const who = labels['app.kubernetes.io/name'] ?? Object.values(labels).join('/');
    return `${ipBlock?.cidr ?? who}:${numbers}`;
  });
}
