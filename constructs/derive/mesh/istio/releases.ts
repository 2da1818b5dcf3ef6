import type { ReleasePrerequisite } from '../../../model/prerequisite';

const VERSION = '1.31.0';
const REPOSITORY = 'https://istio-release.storage.googleapis.com/charts';
const GROUPS = ['networking.istio.io', 'security.istio.io', 'telemetry.istio.io'];

function release(
  name: string,
  chart: string,
  namespace: string,
  groups: readonly string[],
  values?: ReleasePrerequisite['values'],
): ReleasePrerequisite {
  return {
    type: 'release',
    name,
    namespace,
    chart: { repository: REPOSITORY, name: chart, version: VERSION },
    version: VERSION,
    groups,
    ...(values !== undefined && { values }),
  };
}

/**
 * Istio with its CNI plugin: without it each pod would get an init container that sets iptables up with rights which Pod
 * Security `restricted` refuses (Istio 1.31, "Install the Istio CNI node agent").
 */
export function istioReleases(namespace: string, profile?: 'ambient'): readonly ReleasePrerequisite[] {
  const values = { pilot: { cni: { enabled: true } }, ...(profile !== undefined && { profile }) };
  return [
    release('istio-base', 'base', namespace, GROUPS),
    release('istio-cni', 'cni', namespace, [], profile === undefined ? undefined : { profile }),
    release('istiod', 'istiod', namespace, [], values),
    ...(profile === undefined ? [] : [release('ztunnel', 'ztunnel', namespace, [])]),
  ];
}

/** Istio for gateways alone: nobody's pods are given a proxy, so nothing is set up on nodes. */
export function istioWithoutMesh(namespace: string): readonly ReleasePrerequisite[] {
  return [release('istio-base', 'base', namespace, GROUPS), release('istiod', 'istiod', namespace, [])];
}
