import type { IConstruct } from 'constructs';
import type { Capability } from '../model/capability';
import { rule, type RuleFinding } from '../model/extension';
import type { Graph } from '../model/graph';
import type { KubeObject } from '../model/kube-object';
import { podTemplateOf } from '../model/references';
import { pathBelowPlatform } from '../model/setting';
import { Calls, portOfCall } from './calls';
import { Endpoint } from './endpoint';
import { Exposes } from './exposure';
import { PodContainers, PodEnv, Resources } from './pod';
import { Replicas } from './scaling';
import { Secret } from './secret';
import { Store } from './stores/store';
import { Workload, runOf } from './workload';

/** A call or an exposure names a port that is there. */
export const portRules = rule('ports', function* (graph): Iterable<RuleFinding> {
  for (const { from, to, facts, source } of [...graph.all(Calls), ...graph.all(Exposes)]) {
    const endpoint = graph.facts(to, Endpoint);
    if (portOfCall(endpoint, facts) !== undefined) continue;
    const ports = endpoint?.ports.map(({ name, number }) => `${name} (${number})`) ?? [];
    yield {
      at: from,
      code: 'unknown-port',
      message:
        facts.port === '' ? `${to.node.path} has no single port.` : `${to.node.path} has no port called ${facts.port}.`,
      field: 'port',
      got: `${facts.port === '' ? 'none named' : facts.port} at ${source.at}`,
      allowed: ports.join(', ') || 'nothing: it listens on no port',
      fix: 'Name one of its ports, or add the port to the callee.',
    };
  }
});

/** What production demands: more than one pod of what runs at all, and zones to spread over. */
export const productionRules = rule('production', function* (graph): Iterable<RuleFinding> {
  const { tier, zones, name } = graph.environment;
  if (tier !== 'production') return;
  if (zones.length < 2) {
    yield {
      at: graph.root,
      code: 'too-few-zones',
      message: 'What stands in one zone is gone with it.',
      field: `zones of ${name}`,
      got: zones.join(', ') || 'none named',
      allowed: 'at least 2 zones in production',
      fix: 'Name the zones of the cluster in the environment file.',
    };
  }
  for (const { construct, facts } of graph.having(Workload)) {
    if (facts.adopted !== undefined || runOf(facts) !== undefined) continue;
    const scale = graph.setting(Replicas, construct, facts.scale);
    if (scale.min !== 1) continue;
    yield {
      at: construct,
      code: 'single-replica',
      message: 'One pod is gone whenever its node is.',
      field: 'scale',
      got: 'at least 1',
      allowed: 'at least 2 in production, or 0 to switch it off',
      fix: 'Raise the scale, or accept the finding at the construct with a reason.',
    };
  }
});

/** A scale that a layer gives can be as wrong as one that the program gives. */
export const scaleRules = rule('scale', function* (graph): Iterable<RuleFinding> {
  for (const { construct, facts } of graph.having(Workload)) {
    if (runOf(facts) !== undefined) continue;
    const { value, from } = graph.decided(Replicas, construct, facts.scale);
    if (from === 'program' || (value.max >= value.min && (value.min > 0 || value.max === 0))) continue;
    yield {
      at: construct,
      code: 'out-of-range',
      message: 'The scale that a layer gives cannot be.',
      field: from,
      got: `${value.min} to ${value.max}`,
      allowed: 'a largest number that is not below the smallest; the smallest at least 1, or both 0',
      fix: 'Correct min and max.',
    };
  }
});

/** Memory that may grow without limit takes the node down with it. */
export const memoryRules = rule('memory', function* (graph): Iterable<RuleFinding> {
  for (const { construct, facts } of graph.having(Workload)) {
    if (facts.adopted !== undefined) continue;
    const main = { name: facts.name, resources: graph.setting(Resources, construct, facts.container.resources) };
    const parts = graph.collect(PodContainers, construct);
    if (parts.length === 0 && main.resources.limits.memory !== undefined) continue;
    const beside = parts.map(({ value }) => value.container);
    // A container that says nothing at all gets the limit of its namespace, which may be below what one requests.
    const open = [main, ...beside].find(
      ({ resources }) => resources !== undefined && resources.limits.memory === undefined,
    );
    if (open === undefined) continue;
    yield {
      at: construct,
      code: 'no-memory-limit',
      message: `The container ${open.name} has no memory limit.`,
      field: 'resources.memory.limit',
      got: 'none',
      allowed: 'a limit',
      fix: 'Give resources: { memory: { limit: Size.mebibytes(256) } }.',
    };
  }
});

/** A variable of a workload that the team wrote is written by the team or by a pattern, not by both. */
export const adoptedRules = rule('adopted', function* (graph): Iterable<RuleFinding> {
  for (const { construct, facts } of graph.having(Workload)) {
    if (facts.adopted === undefined) continue;
    const pod = podTemplateOf(facts.adopted.toJson() as KubeObject) as AdoptedPod | undefined;
    const own = new Set(pod?.spec?.containers?.[0]?.env?.map(({ name }) => name));
    for (const { key, sources } of graph.collect(PodEnv, construct)) {
      if (!own.has(key)) continue;
      yield {
        at: construct,
        code: 'two-writers',
        message: `Two writers disagree on the variable ${key}.`,
        field: `pod.env: ${key}`,
        got: ['the workload itself', ...sources.map(({ by, at }) => `${by} at ${at}`)].join('; '),
        allowed: 'one value',
        fix: 'Remove one of the two, or give it another name.',
      };
    }
  }
});

interface AdoptedPod {
  readonly spec?: { readonly containers?: readonly { readonly env?: readonly { readonly name: string }[] }[] };
}

function havingAny(graph: Graph, capability: Capability<unknown>): readonly IConstruct[] {
  return [...graph.having(capability), ...graph.leftOut(capability)].map(({ construct }) => construct);
}

/** What an environment file says of constructs that are not there. */
export const layerRules = rule('layers', function* (graph): Iterable<RuleFinding> {
  const constructs = [...havingAny(graph, Workload), ...havingAny(graph, Store), ...havingAny(graph, Secret)];
  const known = new Set(constructs.map((construct) => pathBelowPlatform(construct)));
  for (const path of [...known]) known.add(`${path.slice(0, path.lastIndexOf('/'))}/*`);
  for (const layer of graph.environment.layers) {
    for (const [path, { at }] of Object.entries(layer.services)) {
      if (path === '*' || known.has(path)) continue;
      yield {
        at: graph.root,
        code: 'unknown-service-in-layer',
        message: `The environment speaks of a service that is not in the platform.`,
        field: at,
        got: path,
        allowed: [...known].join(', '),
        fix: 'Correct the path: it is the context and the service, as in ordering/orders.',
      };
    }
  }
});
