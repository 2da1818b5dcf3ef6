import type { KubeObject } from '../../constructs/model/kube-object';

/** Zones of the nodes: as many as production asks for. */
const ZONES = ['zone-a', 'zone-b', 'zone-c'] as const;

/** A node so big that what does not fit is refused by a quota, not left pending. */
const SIZE = { cpu: '64', memory: '256Gi', pods: '500', 'ephemeral-storage': '1Ti' };

/** What stands in every cluster of our own before a proof begins: nodes in three zones and a default storage class. */
export function furniture(version: string): readonly KubeObject[] {
  return [...ZONES.map((zone, index) => nodeIn(zone, index + 1, version)), STORAGE_CLASS];
}

function nodeIn(zone: string, number: number, version: string): KubeObject {
  const name = `node-${number}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake', 'node.alpha.kubernetes.io/ttl': '0' },
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/region': 'region-1',
        'topology.kubernetes.io/zone': zone,
      },
    },
    spec: {},
    status: {
      allocatable: SIZE,
      capacity: SIZE,
      nodeInfo: {
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: 'kwok',
        kernelVersion: 'kwok',
        kubeProxyVersion: '',
        kubeletVersion: version,
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'kwok',
        systemUUID: '',
      },
    },
  };
}

const STORAGE_CLASS: KubeObject = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'kwok.x-k8s.io/volume',
  volumeBindingMode: 'Immediate',
  reclaimPolicy: 'Delete',
  allowVolumeExpansion: true,
};
