import { CircuitBreaker } from 'ashlar';
import type { End } from '../../testing/network-policies';
import { disagreements, flowsBetween, holds, isAt, isDeclared, type Case } from '../support/flows';
import { portsOf, type RandomPlatform } from '../support/random-platform';

const TUNNEL = 15008;

/** Every second callee is asked something of, by all its callers alike. */
const isAsked = (callee: number): boolean => callee % 2 === 0;
const OPTIONS = {
  mesh: 'istio-ambient',
  asked: (callee: number) => (isAsked(callee) ? { circuitBreaker: CircuitBreaker.consecutiveErrors(5) } : {}),
};

/** Calls that a mesh carries, between workloads: it sees no UDP. */
function carried(data: RandomPlatform) {
  const { calls, services, caches } = data;
  return calls.filter(
    ({ to, port }) => to < services.length + caches.length && portsOf(data, to)[port]?.isUdp === false,
  );
}

const called = (data: RandomPlatform, from: number, to: number): boolean =>
  carried(data).some((call) => call.from === from && call.to === to);

const isBehind = (data: RandomPlatform, to: number): boolean =>
  isAsked(to) && carried(data).some((call) => call.to === to);

function waypointOf({ workloads }: Case, callee: number): End {
  return {
    namespace: workloads[callee]!.namespace,
    labels: { 'gateway.networking.k8s.io/gateway-name': 'waypoint' },
    ports: [],
  };
}

/** Both sides of each flow between two ends. */
function sides({ policies }: Case, from: End, to: End, declared: Parameters<typeof disagreements>[2]) {
  return [
    ...disagreements(flowsBetween(from, to), (flow) => policies.leaving(flow).allowed, declared),
    ...disagreements(flowsBetween(from, to), (flow) => policies.entering(flow).allowed, declared),
  ];
}

test('between workloads, tunnels are open for declared calls, plain ports for UDP alone', () => {
  holds((one) => {
    const { data, workloads } = one;
    return workloads.flatMap((from, caller) =>
      workloads.flatMap((to, callee) =>
        sides(one, from, to, (flow) => {
          if (flow.protocol === 'UDP') return isDeclared(data, caller, callee, flow);
          return flow.port === TUNNEL && called(data, caller, callee) && !isBehind(data, callee);
        }),
      ),
    );
  }, OPTIONS);
});

test('a waypoint is reached by the declared callers of those behind it, and reaches those', () => {
  holds((one) => {
    const { data, workloads } = one;
    const behindIn = (namespace: string, caller: number): boolean =>
      workloads.some(
        (to, callee) => to.namespace === namespace && isBehind(data, callee) && called(data, caller, callee),
      );
    return workloads.flatMap((to, callee) => {
      if (!isBehind(data, callee)) return [];
      const waypoint = waypointOf(one, callee);
      const isTunnel = isAt.bind(undefined, { name: '', number: TUNNEL, container: TUNNEL, isUdp: false });
      return [
        ...workloads.flatMap((from, caller) =>
          sides(one, from, waypoint, (flow) => isTunnel(flow) && behindIn(to.namespace, caller)),
        ),
        ...workloads.flatMap((other, at) =>
          sides(
            one,
            waypoint,
            other,
            (flow) => isTunnel(flow) && isBehind(data, at) && other.namespace === to.namespace,
          ),
        ),
      ];
    });
  }, OPTIONS);
});

test('probes of the kubelet arrive, and from nowhere else does plain text', () => {
  holds(
    ({ data, policies, workloads }) =>
      workloads.flatMap((to, callee) => {
        const first = portsOf(data, callee).find(({ isUdp }) => !isUdp);
        const isProbed = callee >= data.services.length || data.services[callee]!.runs === 'on';
        const isOpen = data.services[callee]?.exposures.some(({ to: whom }) => whom === 'everybody') === true;
        if (isOpen) return [];
        return disagreements(
          flowsBetween({ address: '169.254.7.127' }, to),
          (flow) => policies.entering(flow).allowed,
          (flow) => isProbed && first !== undefined && isAt(first, flow),
        );
      }),
    OPTIONS,
  );
});
