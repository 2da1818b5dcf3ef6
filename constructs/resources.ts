import type { ResourceAmounts, ResourceFacts } from './derive/pod';
import { parseQuantity } from './model/quantity';
import type { Problem } from './model/finding';
import type { Checked } from './values';

/** An amount of CPU: Ashlar's `Cpu` or that of cdk8s-plus-27. */
export interface CpuAmount {
  readonly amount: string;
}

/** An amount of memory or disk: the `Size` of cdk8s. */
export interface SizeAmount {
  asString(): string;
}

/** What is asked for and what may be used; the shape of `ContainerResources` in cdk8s-plus-27. */
export interface Resources {
  readonly cpu?: { readonly request?: CpuAmount; readonly limit?: CpuAmount };
  readonly memory?: { readonly request?: SizeAmount; readonly limit?: SizeAmount };
  readonly ephemeralStorage?: { readonly request?: SizeAmount; readonly limit?: SizeAmount };
}

/** Resources as facts, and what is wrong with them. */
export function resourceFacts({ cpu, memory, ephemeralStorage }: Resources): { readonly facts: ResourceFacts } & Checked {
  const facts: ResourceFacts = {
    requests: amounts(cpu?.request, memory?.request, ephemeralStorage?.request),
    limits: amounts(cpu?.limit, memory?.limit, ephemeralStorage?.limit),
  };
  const problems: Problem[] = [];
  for (const name of ['cpu', 'memory', 'ephemeral-storage'] as const) {
    const request = facts.requests[name];
    const limit = facts.limits[name];
    if (request === undefined || limit === undefined || parseQuantity(request) <= parseQuantity(limit)) continue;
    problems.push({
      code: 'request-above-limit',
      message: `More ${name} is requested than may be used.`,
      field: `resources.${name}`,
      got: `request ${request}, limit ${limit}`,
      allowed: 'a request up to the limit',
      fix: 'Raise the limit or lower the request.',
    });
  }
  return { facts, problems };
}

function amounts(cpu: CpuAmount | undefined, memory: SizeAmount | undefined, disk: SizeAmount | undefined): ResourceAmounts {
  return {
    ...(cpu !== undefined && { cpu: cpu.amount }),
    ...(memory !== undefined && { memory: memory.asString() }),
    ...(disk !== undefined && { 'ephemeral-storage': disk.asString() }),
  };
}
