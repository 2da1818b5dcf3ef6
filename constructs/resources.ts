import type { CpuAmount, SizeAmount } from './amounts';
import type { ResourceAmounts, ResourceFacts } from './derive/pod';
import { CPU, SIZE, membersOf, problemsOfKind, problemsOfOptions, quantityOf, soundOf } from './kinds';
import type { Problem } from './model/finding';
import { given } from './model/given';
import type { Kind } from './model/kind';
import { parseQuantity } from './model/quantity';
import { unknownProps, type Checked } from './values';

export type { CpuAmount, SizeAmount };

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
  const ofKinds = KINDS.flatMap(([name, kind]) => problemsOfAmounts(name, resources[name], kind));
  const problems = NAMES.flatMap((name) => problemsOf(name, facts.requests[name], facts.limits[name]));
  return { facts, problems: [...unknownProps(resources, KNOWN, 'resources.'), ...ofKinds, ...problems] };
}

const KINDS = [
  ['cpu', CPU],
  ['memory', SIZE],
  ['ephemeralStorage', SIZE],
] as const;

const KNOWN: Readonly<Record<keyof Resources, true>> = { cpu: true, memory: true, ephemeralStorage: true };

const AMOUNTS = { request: true, limit: true } as const;

function problemsOfAmounts(name: keyof Resources, amounts: Resources[typeof name], kind: Kind<unknown>) {
  if (amounts === undefined) return [];
  const field = `resources.${name}`;
  const { request, limit } = membersOf(amounts);
  return [
    ...problemsOfOptions(field, amounts, AMOUNTS, `{ limit: ${kind.example} }`),
    ...problemsOfKind(`${field}.request`, request, kind),
    ...problemsOfKind(`${field}.limit`, limit, kind),
  ];
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
    cpu: soundOf(cpu?.[side], CPU)?.amount,
    memory: quantityOf(memory?.[side]),
    'ephemeral-storage': quantityOf(ephemeralStorage?.[side]),
  });
}
