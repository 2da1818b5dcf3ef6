import type { IConstruct } from 'constructs';
import { view, type Graph } from '../../../model/graph';
import type { Reach } from '../../endpoint';
import { accountOf } from '../../kubernetes-access';
import { OperatedPods, peerKey, peerOf } from '../../traffic';
import { Workload } from '../../workload';

/** Workloads by the peer that network policies write for them, so that who is admitted there is known by name here. */
export const workloadsByPeer = view('mesh.workloads-by-peer', (graph: Graph): ReadonlyMap<string, IConstruct> => {
  const proxies = graph.having(OperatedPods).filter(({ facts }) => facts.account !== undefined);
  const all = [...graph.having(Workload), ...proxies];
  return new Map(all.map(({ construct, facts }) => [peerKey(peerOf(facts)), construct]));
});

/** The workload behind a peer; undefined where it is none of the platform's. */
export function workloadOf(graph: Graph, peer: Reach): IConstruct | undefined {
  return 'pods' in peer ? graph.view(workloadsByPeer).get(peerKey(peer)) : undefined;
}

/** Who a workload is to others, as policies write it: without the scheme (Istio API 1.31, `Source.principals`). */
export function principalOf(graph: Graph, workload: IConstruct, trustDomain: string): string | undefined {
  const facts = graph.facts(workload, Workload);
  if (facts !== undefined) return `${trustDomain}/ns/${facts.namespace}/sa/${accountOf(facts)}`;
  const { namespace, account } = graph.facts(workload, OperatedPods) ?? {};
  return account === undefined ? undefined : `${trustDomain}/ns/${namespace}/sa/${account}`;
}
