import { capability } from '../../model/capability';
import { contribute } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { Tier } from '../../model/environment';
import type { Problem } from '../../model/finding';
import type { Graph } from '../../model/graph';
import type { JsonSchema } from '../../model/json-schema';
import type { Reach } from '../endpoint';
import { TrafficIn, TrafficOut, podsOf, type TrafficPart } from '../traffic';
import type { SecretValue } from '../../model/prerequisite';
import type { ResourceFacts } from '../pod';
import type { OwnSecret } from './own-secrets';
import { parseQuantity, formatCpu, formatMemory } from '../../model/quantity';

/** What moves between the pods of a store, its operator and the store of its backups. */
export interface ControlTrafficFacts {
  /** Ports by which the pods of the store reach one another. @defaultValue none */
  readonly peerPorts?: readonly number[];
  /** Others that reach them: the operator. @defaultValue none */
  readonly from?: readonly Flow[];
  /** Others that they reach: where backups go. @defaultValue none */
  readonly to?: readonly Flow[];
}

/** The other side of control traffic, and the port of the side that listens. */
export interface Flow {
  readonly peer: Reach;
  readonly port: number;
}

/** The ways of one peer, one for each port. */
export function flows(peer: Reach, ...ports: readonly number[]): readonly Flow[] {
  return ports.map((port) => ({ peer, port }));
}

/** The capability of being controlled. */
export const ControlTraffic = capability<ControlTrafficFacts>('store.control-traffic');

/** Addresses outside the cluster: RFC 1918, 6598, 3927, 4193 and 4291 are not. */
const PUBLIC: Reach = {
  cidrs: ['0.0.0.0/0', '::/0'],
  except: ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fe80::/10'],
};

/** Addresses that somebody named; all public ones where nobody did, since network policies know no names. */
export function reachOf(addresses: unknown): Reach {
  const cidrs = (addresses ?? []) as readonly string[];
  return cidrs.length > 0 ? { cidrs, except: [] } : PUBLIC;
}

/** Control traffic, for the network policy of the pods that an operator makes. */
export const controlParts = [
  contribute('store.control.in', TrafficIn, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { construct, facts } of graph.having(ControlTraffic)) {
      const source = { by: `operator of ${construct.node.id}`, at: construct.node.path };
      for (const part of amongPeers(graph, construct, facts)) yield { to: construct, source, part };
      for (const { peer, port } of facts.from ?? []) yield { to: construct, source, part: control(peer, port) };
    }
  }),
  contribute('store.control.out', TrafficOut, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { construct, facts } of graph.having(ControlTraffic)) {
      const source = { by: `replication of ${construct.node.id}`, at: construct.node.path };
      for (const part of amongPeers(graph, construct, facts)) yield { to: construct, source, part };
      for (const { peer, port } of facts.to ?? []) yield { to: construct, source, part: control(peer, port) };
    }
  }),
];

function amongPeers(graph: Graph, construct: Parameters<Graph['facts']>[0], facts: ControlTrafficFacts) {
  const peers = podsOf(graph, construct);
  return peers === undefined ? [] : (facts.peerPorts ?? []).map((port) => control(peers, port));
}

function control(peer: Reach, port: number): TrafficPart {
  return { peer, port, transport: 'TCP', purpose: 'control' };
}

/** What containers ask for together. */
export function sumOf(...containers: readonly ResourceFacts[]): ResourceFacts {
  const sum = (side: 'requests' | 'limits', name: 'cpu' | 'memory'): number =>
    containers.reduce((total, one) => total + parseQuantity(one[side][name] ?? '0'), 0);
  return {
    requests: { cpu: formatCpu(sum('requests', 'cpu')), memory: formatMemory(sum('requests', 'memory')) },
    limits: { memory: formatMemory(sum('limits', 'memory')) },
  };
}

/** Pod Security `restricted` for a container that an operator makes. */
export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** Pod Security `restricted` for a pod that an operator makes. */
export function restrictedPod(user: number): object {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** Spread over zones and nodes, for pods that an operator makes. */
export function zoneSpread(selector: Readonly<Record<string, string>>, strict: boolean): readonly object[] {
  const labelSelector = { matchLabels: selector };
  const whenUnsatisfiable = strict ? 'DoNotSchedule' : 'ScheduleAnyway';
  return [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable, labelSelector }];
}

/** A bucket for backups, that speaks the protocol of S3. */
export interface Bucket {
  /** Name of the bucket. */
  readonly bucket: string;
  /** Secret in each namespace with `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. */
  readonly secret: string;
  /** @defaultValue by the provider */
  readonly region?: string;
  /** Address of what is not AWS: `https://s3.example.com`. @defaultValue AWS */
  readonly endpoint?: string;
  /** Folder in the bucket, with a slash at its end. @defaultValue none */
  readonly prefix?: string;
  /** Its addresses as CIDRs. @defaultValue all public ones */
  readonly addresses?: readonly string[];
}

/** Options of a bucket, in an environment file. */
export const BUCKET: JsonSchema = {
  type: 'object',
  description: 'A bucket for backups, by the protocol of S3.',
  properties: {
    bucket: { type: 'string', description: 'Its name.' },
    secret: {
      type: 'string',
      description: 'Secret in each namespace with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    },
    region: { type: 'string' },
    endpoint: {
      type: 'string',
      pattern: '^https?://[^/]',
      description: 'Address of what is not AWS: https://s3.example.com.',
    },
    prefix: { type: 'string', description: 'Folder in the bucket, with a slash at its end.' },
    addresses: { type: 'array', minItems: 1, items: { type: 'string' }, description: 'Its addresses as CIDRs.' },
  },
  required: ['bucket', 'secret'],
  additionalProperties: false,
};

/** A bucket as an environment file says it. */
export function bucketOf(option: unknown): Bucket | undefined {
  return option as Bucket | undefined;
}

const ENDPOINT = /^(https?):\/\/[^/]*?(?::(\d+))?(?:\/|$)/;

/** The way to a bucket: to the port of its endpoint, 443 where none is said. */
export function wayTo({ addresses, endpoint = '' }: Pick<Bucket, 'addresses' | 'endpoint'>): Flow {
  const [, scheme, port] = ENDPOINT.exec(endpoint) ?? [];
  return { peer: reachOf(addresses), port: Number(port ?? (scheme === 'http' ? 80 : 443)) };
}

/** The keys of a bucket, which its owner gives. */
export function bucketSecret({ secret }: Pick<Bucket, 'secret'>): OwnSecret {
  const known = (key: string): SecretValue => ({ known: `${secret}/${key}` });
  const keys = {
    AWS_ACCESS_KEY_ID: known('AWS_ACCESS_KEY_ID'),
    AWS_SECRET_ACCESS_KEY: known('AWS_SECRET_ACCESS_KEY'),
  };
  return { name: secret, kind: 'Opaque', keys };
}

/** A backup is asked for, and the environment has no place for it. */
export function backupWithoutBucket(field: string): Problem {
  return {
    code: 'backup-without-storage',
    message: 'A backup is asked for, but the environment names no place to keep it.',
    field,
    got: 'none',
    allowed: 'a bucket and the Secret with its keys',
    fix: 'Name them under this option: { bucket: "backups", secret: "backup-keys" }.',
  };
}

/** What replicas vote on: `odd` members, where an even one is a waste; a `majority`, or nothing. */
export type Votes = 'odd' | 'majority' | 'none';

/** What is wrong with a number of replicas. */
export function problemsOfReplicas(replicas: number, tier: Tier, votes: Votes): readonly Problem[] {
  const least = votes === 'none' ? 2 : 3;
  const problems: Problem[] = [];
  if (tier === 'production' && replicas < least) {
    problems.push({
      code: replicas === 1 ? 'single-replica' : 'no-majority',
      message: 'When one of them is gone, so is the store.',
      field: 'replicas',
      got: String(replicas),
      allowed: `at least ${least} in production`,
      fix: 'Raise the replicas, or accept the finding at the construct with a reason.',
    });
  }
  if (votes === 'odd' && replicas % 2 === 0) {
    problems.push({
      code: 'even-replicas',
      message: 'An even number of replicas bears no more losses than the odd number below it.',
      field: 'replicas',
      got: String(replicas),
      allowed: 'an odd number',
      fix: `Choose ${replicas - 1} or ${replicas + 1}.`,
    });
  }
  return problems;
}
