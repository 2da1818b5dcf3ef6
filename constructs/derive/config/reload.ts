import type { IConstruct } from 'constructs';
import { contribute } from '../../model/extension';
import type { Part } from '../../model/facet';
import { view, type Graph } from '../../model/graph';
import { setting } from '../../model/setting';
import { PodContainers, PodProcesses, type ContainerPart, type SharingPart } from '../pod';
import { Workload } from '../workload';
import type { ReloadFacts } from './facts';
import { readings, type Reading } from './versions';

/** Image of the sidecars that tell processes of changed files: any with the `sh`, `readlink` and `wget` of BusyBox. */
export const ReloaderImage = setting<string>({
  id: 'reloaderImage',
  schema: { type: 'string', description: 'Image of sidecars that reload configuration: one with BusyBox.' },
  byTier: () => 'docker.io/library/busybox:1.37.0',
});

/** Seconds between two looks at the files. The kubelet itself takes up to a minute. */
const INTERVAL_SECONDS = 5;

/**
 * Waits for another version of the folder `$1` and then tells `$2`, again and again until it was told. The
 * kubelet swaps all files of a volume at once by one link, `..data` (Kubernetes 1.36, "ConfigMaps", Mounted ConfigMaps
 * are updated automatically). A shell that sleeps in the foreground would not hear that it is to end.
 */
function script(...tell: readonly string[]): string {
  return [
    "trap 'exit 0' TERM",
    'last=`readlink "$1/..data"`',
    'while :; do',
    `  sleep ${INTERVAL_SECONDS} & wait $!`,
    '  next=`readlink "$1/..data"`',
    '  [ "$next" = "$last" ] && continue',
    ...tell.map((line) => `  ${line}`),
    'done',
  ].join('\n');
}

/** Scripts by what they do; also run by the tests. */
export const RELOAD_SCRIPTS = {
  // The option -T of wget ends in a segmentation fault in BusyBox 1.35, as seen on Debian 12.
  post: script(`timeout 10 wget -q -O /dev/null --post-data '' "$2" && last=$next`),
  // Told is the first of a tree of processes that run this file: workers may take the signal for an order to end. What
  // a process is called is no help: Node.js 24 calls itself MainThread.
  hangUp: script(
    'for process in /proc/[0-9]*; do',
    '  case `readlink "$process/exe"` in */"$2") ;; *) continue ;; esac',
    '  while read -r field value; do [ "$field" = PPid: ] && parent=$value; done < "$process/status"',
    '  case `readlink "/proc/$parent/exe"` in */"$2") continue ;; esac',
    '  kill -HUP "${process#/proc/}" && last=$next',
    'done 2> /dev/null',
  ),
} as const;

/** A reading whose process is told. */
interface Reloading extends Reading {
  readonly sidecar: string;
  readonly command: readonly string[];
}

/** Name of the sidecar that tells of a configuration. */
export function sidecarOf(config: IConstruct): string {
  return `${config.node.id}-reload`;
}

const reloadings = view('config-reloadings', (graph: Graph): readonly Reloading[] =>
  graph.view(readings).flatMap((reading) => {
    const { config, facts, to } = reading;
    if (facts.reload === undefined || !('folder' in facts.as)) return [];
    const command = commandFor(graph, facts.reload, to, facts.as.folder);
    return command === undefined ? [] : [{ ...reading, sidecar: sidecarOf(config), command }];
  }),
);

function commandFor(
  graph: Graph,
  reload: ReloadFacts,
  reader: IConstruct,
  folder: string,
): readonly string[] | undefined {
  if ('hangUp' in reload) return ['sh', '-c', RELOAD_SCRIPTS.hangUp, 'reload', folder, reload.hangUp.executable];
  const port = portOf(graph, reader, reload.post.port);
  return port === undefined
    ? undefined
    : ['sh', '-c', RELOAD_SCRIPTS.post, 'reload', folder, `http://127.0.0.1:${port}${reload.post.path}`];
}

/** The port that a process listens on; undefined where it has none of this name. */
export function portOf(graph: Graph, reader: IConstruct, name: string): number | undefined {
  return graph.facts(reader, Workload)?.container.ports.find((port) => port.name === name)?.containerPort;
}

/** A sidecar for each configuration that a process is told of, and its view of the process. */
export const reloadParts = [
  contribute('config.reload', PodContainers, function* (graph): Iterable<Part<ContainerPart>> {
    for (const { to, source, sidecar: name, command } of graph.view(reloadings)) {
      const image = graph.setting(ReloaderImage, to);
      const resources = { requests: { cpu: '5m', memory: '8Mi' }, limits: { memory: '32Mi' } };
      yield {
        to,
        source,
        part: { name, role: 'sidecar', container: { name, image, command, ports: [], resources }, env: [] },
      };
    }
  }),
  contribute('config.reload-processes', PodProcesses, function* (graph): Iterable<Part<SharingPart>> {
    for (const { facts, to, source, sidecar } of graph.view(reloadings)) {
      if (facts.reload !== undefined && 'hangUp' in facts.reload) yield { to, source, part: { name: sidecar } };
    }
  }),
];
