import { hash } from 'node:crypto';
import type { IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { derive, type Derived } from '../../model/extension';
import type { KubeObject } from '../../model/kube-object';
import { NAME_LABEL, ownershipLabels } from '../labels';
import type { VolumePart } from '../pod';

/** Files that a server is configured with; none is a secret. */
export interface ServerFilesFacts {
  /** Name of the server. */
  readonly server: string;
  readonly namespace: string;
  /** Texts by name of the file. */
  readonly files: Readonly<Record<string, string>>;
}

/** The capability of being configured by files. */
export const ServerFiles = capability<ServerFilesFacts>('store.server-files');

/** Characters of the checksum: 40 bits, enough to tell a handful of versions apart. */
const CHECKSUM_LENGTH = 10;

/** Name of the ConfigMap, which follows its content: other files are another one, and roll the pod. */
export function filesName({ server, files }: ServerFilesFacts): string {
  return `${server}-files-${hash('sha256', JSON.stringify(files)).slice(0, CHECKSUM_LENGTH)}`;
}

/** Mounts each file where the server looks for it, and leaves what is beside it as it is in the image. */
export function fileMounts(facts: ServerFilesFacts, places: Readonly<Record<string, string>>): VolumePart {
  return {
    name: 'files',
    source: { configMap: { name: filesName(facts) } },
    mounts: Object.entries(places).map(([subPath, path]) => ({ path, subPath, readOnly: true })),
  };
}

/** ConfigMaps (Kubernetes 1.36, core/v1). */
export const serverFiles = derive('store.server-files', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(ServerFiles)) {
    yield { scope: construct, manifest: renderFiles(construct, facts) };
  }
});

/** A ConfigMap with files. */
export function renderFiles(construct: IConstruct, facts: ServerFilesFacts): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: filesName(facts),
      namespace: facts.namespace,
      labels: { [NAME_LABEL]: facts.server, ...ownershipLabels(construct) },
    },
    immutable: true,
    data: facts.files,
  };
}
