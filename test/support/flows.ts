import fc from 'fast-check';
import { workloadsOf, type WorkloadPods } from '../../testing/ends';
import { NetworkPolicies, type End, type Flow } from '../../testing/network-policies';
import { portsOf, randomPlatform, type RandomPlatform, type RandomPort } from './random-platform';
import { randomPlan, type PlanOptions } from './random-program';
import { RUNS } from './runs';

/** What the policies of a platform open, against what its data declares; the program's derivations are not asked. */
export interface Case {
  readonly data: RandomPlatform;
  readonly policies: NetworkPolicies;
  /** Services, then caches, as callees are numbered. */
  readonly workloads: readonly WorkloadPods[];
}

function caseOf(data: RandomPlatform, options?: PlanOptions): Case {
  const plan = randomPlan(data, 0, options);
  const byName = new Map(workloadsOf(plan).map((pods) => [pods.name, pods]));
  const workloads = [...data.services, ...data.caches].map(({ context, id }) => {
    const pods = byName.get(`${data.contexts[context]}/${id}`);
    if (pods === undefined) throw new Error(`no workload ${id}`);
    return pods;
  });
  return { data, workloads, policies: new NetworkPolicies(plan.objects.map(({ manifest }) => manifest)) };
}

const PROTOCOLS = ['TCP', 'UDP'] as const;
/** Every port that anybody listens on, that of tunnels, and two that nobody does. */
const PORTS = [53, 80, 443, 6379, 6443, 8080, 9090, 12345, 15008];

/** Flows on every port of interest. */
export function* flowsBetween(from: End, to: End): Iterable<Flow> {
  for (const port of PORTS) for (const protocol of PROTOCOLS) yield { from, to, port, protocol };
}

/** Where packets arrive: a pod behind a Service listens on its own port, an address outside on the one that is called. */
type Listens = 'container' | 'number';

/** True for a flow to a port. */
export function isAt(port: RandomPort, flow: Flow, listens: Listens = 'container'): boolean {
  return port[listens] === flow.port && (port.isUdp ? 'UDP' : 'TCP') === flow.protocol;
}

/** Whether a service calls a callee on the port of a flow. */
export function isDeclared(data: RandomPlatform, from: number, to: number, flow: Flow, listens?: Listens): boolean {
  const ports = portsOf(data, to);
  return data.calls.some((call) => call.from === from && call.to === to && isAt(ports[call.port]!, flow, listens));
}

/** Flows on which a side says something else than is declared, in words. */
export function disagreements(
  flows: Iterable<Flow>,
  says: (flow: Flow) => boolean,
  declared: (flow: Flow) => boolean,
): string[] {
  const wrong: string[] = [];
  for (const flow of flows) {
    if (says(flow) !== declared(flow)) wrong.push(`${textOf(flow)} is ${declared(flow) ? 'closed' : 'open'}`);
  }
  return wrong;
}

function textOf({ from, to, port, protocol }: Flow): string {
  const [sender, receiver] = [from, to].map((end) =>
    'address' in end ? end.address : `${end.namespace} ${JSON.stringify(end.labels)}`,
  );
  return `${sender} → ${receiver} ${port}/${protocol}`;
}

/** Checks random platforms. */
export function holds(check: (one: Case) => readonly string[], options?: PlanOptions): void {
  fc.assert(
    fc.property(randomPlatform, (data) => {
      expect(check(caseOf(data, options))).toEqual([]);
    }),
    RUNS,
  );
}
