import type { End, Flow } from '../../testing/network-policies';
import { addressOf, INGRESS, podsOf } from '../support/random-platform';
import { disagreements, flowsBetween, holds, isAt, isDeclared } from '../support/flows';

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
