import fc from 'fast-check';
import { workloadsOf, type WorkloadPods } from '../../testing/ends';
import { NetworkPolicies, type End, type Flow } from '../../testing/network-policies';
import {
  addressOf,
  INGRESS,
  podsOf,
  portsOf,
  randomPlatform,
  type RandomPlatform,
  type RandomPort,
} from '../support/random-platform';
import { randomPlan } from '../support/random-program';
import { RUNS } from '../support/runs';

/** What the policies of a platform open, against what its data declares; the program's derivations are not asked. */
interface Case {
  readonly data: RandomPlatform;
  readonly policies: NetworkPolicies;
  /** Services, then caches, as callees are numbered. */
  readonly workloads: readonly WorkloadPods[];
}

function caseOf(data: RandomPlatform): Case {
  const plan = randomPlan(data);
  const byName = new Map(workloadsOf(plan).map((pods) => [pods.name, pods]));
  const workloads = [...data.services, ...data.caches].map(({ context, id }) => {
    const pods = byName.get(`${data.contexts[context]}/${id}`);
    if (pods === undefined) throw new Error(`no workload ${id}`);
    return pods;
  });
  return { data, workloads, policies: new NetworkPolicies(plan.objects.map(({ manifest }) => manifest)) };
}

const PROTOCOLS = ['TCP', 'UDP'] as const;
/** Every port that anybody listens on, and two that nobody does. */
const PORTS = [53, 80, 443, 6379, 6443, 8080, 9090, 12345];

function* flowsBetween(from: End, to: End): Iterable<Flow> {
  for (const port of PORTS) for (const protocol of PROTOCOLS) yield { from, to, port, protocol };
}

/** Where packets arrive: a pod behind a Service listens on its own port, an address outside on the one that is called. */
type Listens = 'container' | 'number';

function isAt(port: RandomPort, flow: Flow, listens: Listens = 'container'): boolean {
  return port[listens] === flow.port && (port.isUdp ? 'UDP' : 'TCP') === flow.protocol;
}

/** Whether a service calls a callee on the port of a flow. */
function isDeclared(data: RandomPlatform, from: number, to: number, flow: Flow, listens?: Listens): boolean {
  const ports = portsOf(data, to);
  return data.calls.some((call) => call.from === from && call.to === to && isAt(ports[call.port]!, flow, listens));
}

/** Flows on which a side says something else than is declared, in words. */
function disagreements(
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

function holds(check: (one: Case) => readonly string[]): void {
  fc.assert(
    fc.property(randomPlatform, (data) => {
      expect(check(caseOf(data))).toEqual([]);
    }),
    RUNS,
  );
}

test('between workloads, both sides open the declared calls and nothing else', () => {
  holds(({ data, policies, workloads }) =>
    workloads.flatMap((from, caller) =>
      workloads.flatMap((to, callee) => {
        const declared = (flow: Flow): boolean => isDeclared(data, caller, callee, flow);
        return [
          ...disagreements(flowsBetween(from, to), (flow) => policies.leaving(flow).allowed, declared),
          ...disagreements(flowsBetween(from, to), (flow) => policies.entering(flow).allowed, declared),
        ];
      }),
    ),
  );
});

test('control traffic: names are resolved at the cluster’s DNS, and by nobody else', () => {
  const dns = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' }, ports: [] };
  const others = [
    { ...dns, labels: { 'k8s-app': 'metrics-server' } },
    { ...dns, namespace: 'partner' },
  ];
  holds(({ policies, workloads }) =>
    workloads.flatMap((from) => [
      ...disagreements(
        flowsBetween(from, dns),
        (flow) => policies.allow(flow),
        ({ port }) => port === 53,
      ),
      ...others.flatMap((to) =>
        disagreements(
          flowsBetween(from, to),
          (flow) => policies.allow(flow),
          () => false,
        ),
      ),
      ...disagreements(
        flowsBetween(dns, from),
        (flow) => policies.allow(flow),
        () => false,
      ),
    ]),
  );
});

test('control traffic: those that may talk to the API server reach it, and nobody else', () => {
  holds(({ data, policies, workloads }) =>
    workloads.flatMap((from, at) =>
      disagreements(
        flowsBetween(from, { address: '10.0.0.1' }),
        (flow) => policies.allow(flow),
        ({ port, protocol }) => data.operators.includes(at) && port === 6443 && protocol === 'TCP',
      ),
    ),
  );
});

test('outwards, declared calls of external services are open and nothing else', () => {
  holds(({ data, policies, workloads }) => {
    const first = data.services.length + data.caches.length;
    const partners = data.externals.map((_, at): End => ({ ...podsOf(at), ports: [] }));
    const addresses = [...data.externals.map((_, at) => addressOf(at)), '192.0.2.1', '2001:db8::1'];
    return workloads.flatMap((from, caller) => [
      ...partners.flatMap((to, at) =>
        disagreements(
          flowsBetween(from, to),
          (flow) => policies.allow(flow),
          (flow) => {
            return data.externals[at]!.reach === 'pods' && isDeclared(data, caller, first + at, flow);
          },
        ),
      ),
      ...addresses.flatMap((address) =>
        disagreements(
          flowsBetween(from, { address }),
          (flow) => policies.allow(flow),
          (flow) =>
            data.externals.some(({ reach }, at) => {
              const isThere = reach === 'public' || (reach === 'address' && address === addressOf(at));
              return isThere && isDeclared(data, caller, first + at, flow, 'number');
            }),
        ),
      ),
    ]);
  });
});

test('inwards, exposed ports are open to those to whom they are exposed', () => {
  const outside: readonly { readonly from: End; readonly by: readonly string[] }[] = [
    { from: { address: '192.0.2.1' }, by: ['everybody'] },
    { from: { address: '2001:db8::1' }, by: ['everybody'] },
    { from: { address: '198.51.100.9' }, by: ['everybody', 'office'] },
    { from: { ...INGRESS, ports: [] }, by: ['ingress'] },
    { from: { ...INGRESS, labels: {}, ports: [] }, by: [] },
    { from: { ...INGRESS, namespace: 'stranger', ports: [] }, by: [] },
  ];
  holds(({ data, policies, workloads }) =>
    workloads.flatMap((to, at) =>
      outside.flatMap(({ from, by }) =>
        disagreements(
          flowsBetween(from, to),
          (flow) => policies.allow(flow),
          (flow) => {
            const { exposures = [], ports = [] } = data.services[at] ?? {};
            return exposures.some((exposure) => by.includes(exposure.to) && isAt(ports[exposure.port]!, flow));
          },
        ),
      ),
    ),
  );
});
