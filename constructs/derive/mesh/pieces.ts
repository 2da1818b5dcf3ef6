import { contribute, derive, prerequisite, type NeededBy, type Piece } from '../../model/extension';
import { AppProtocols, ServiceLabels } from '../endpoint';
import { InjectedContainers, PodAnnotations, PodLabels } from '../pod';
import { ContextPods } from '../quota';
import { TrafficIn, TrafficOut } from '../traffic';
import { Tunnels } from '../tunnels';
import { istioAmbient } from './istio-ambient';
import { istioSidecar } from './istio-sidecar';
import { MeshNeed } from './mesh';
import { noMesh } from './none';
import { meshRules } from './rules';

/** What follows from the mesh that the environment chose. */
export const meshPieces: readonly Piece[] = [
  noMesh,
  istioSidecar,
  istioAmbient,
  derive('mesh', (graph) => graph.backEnd(MeshNeed).objects(graph)),
  contribute('mesh.labels', PodLabels, (graph) => graph.backEnd(MeshNeed).podLabels(graph)),
  contribute('mesh.annotations', PodAnnotations, (graph) => graph.backEnd(MeshNeed).podAnnotations(graph)),
  contribute('mesh.injected', InjectedContainers, (graph) => graph.backEnd(MeshNeed).injected(graph)),
  contribute('mesh.app-protocols', AppProtocols, (graph) => graph.backEnd(MeshNeed).appProtocols(graph)),
  contribute('mesh.service-labels', ServiceLabels, (graph) => graph.backEnd(MeshNeed).serviceLabels(graph)),
  contribute('mesh.context-pods', ContextPods, (graph) => graph.backEnd(MeshNeed).contextPods(graph)),
  contribute('mesh.tunnels', Tunnels, (graph) => graph.backEnd(MeshNeed).tunnels(graph)),
  contribute('mesh.in', TrafficIn, (graph) => graph.backEnd(MeshNeed).trafficIn(graph)),
  contribute('mesh.out', TrafficOut, (graph) => graph.backEnd(MeshNeed).trafficOut(graph)),
  prerequisite('mesh', function* (graph): Iterable<NeededBy> {
    for (const needs of graph.backEnd(MeshNeed).releases) yield { at: graph.root, needs };
  }),
  ...meshRules,
];
