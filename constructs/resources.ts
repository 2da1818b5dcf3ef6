import type { ResourceAmounts, ResourceFacts } from './derive/pod';
import type { Problem } from './model/finding';
import { given } from './model/given';
import { parseQuantity } from './model/quantity';
import type { Checked } from './values';

/** An amount of CPU: Ashlar's `Cpu` or that of cdk8s-plus-27. */
export interface CpuAmount {
  /** A Kubernetes quantity: `500m` is half a core, `2` are two. */
  readonly amount: string;
}

/** An amount of memory or disk: the `Size` of cdk8s. */
export interface SizeAmount {
  /** The amount as a Kubernetes quantity: `256Mi`. */
  asString(): string;
}

/** What is asked for and what may be used; the shape of `ContainerResources` in cdk8s-plus-27. */
export interface Resources {
  /** CPU time. A container at its limit is slowed down, not stopped. */
  readonly cpu?: { readonly request?: CpuAmount; readonly limit?: CpuAmount };
  /** Memory. A container above its limit is killed. Without a limit it is a finding: `no-memory-limit`. */
  readonly memory?: { readonly request?: SizeAmount; readonly limit?: SizeAmount };
  /**
   * Disk of the node: logs, what the container writes, directories without a volume. Above the limit the pod is
   * evicted.
   */
  readonly ephemeralStorage?: { readonly request?: SizeAmount; readonly limit?: SizeAmount };
}

/** Resources as facts, and what is wrong with them. */
export function resourceFacts(resources: Resources): { readonly facts: ResourceFacts } & Checked {
  const facts: ResourceFacts = { requests: amounts(resources, 'request'), limits: amounts(resources, 'limit') };
  const problems = NAMES.flatMap((name) => problemsOf(name, facts.requests[name], facts.limits[name]));
  return { facts, problems };
}

const NAMES = ['cpu', 'memory', 'ephemeral-storage'] as const;

function problemsOf(name: string, request: string | undefined, limit: string | undefined): readonly Problem[] {
  if (request === undefined || limit === undefined || parseQuantity(request) <= parseQuantity(limit)) return [];
  return [
    {
      code: 'request-above-limit',
      message: `More ${name} is requested than may be used.`,
      field: `resources.${name}`,
      got: `request ${request}, limit ${limit}`,
      allowed: 'a request up to the limit',
      fix: 'Raise the limit or lower the request.',
    },
  ];
}

function amounts({ cpu, memory, ephemeralStorage }: Resources, side: 'request' | 'limit'): ResourceAmounts {
  return given({
    cpu: cpu?.[side]?.amount,
    memory: memory?.[side]?.asString(),
    'ephemeral-storage': ephemeralStorage?.[side]?.asString(),
  });
}
