import { TeamObject } from '../model/adopted';
import { derive, type Derived } from '../model/extension';
import { Workload } from './workload';

/** Objects that the team wrote itself, with cdk8s or as plain manifests. They are checked like all others. */
export const teamObjects = derive('team-objects', function* (graph): Iterable<Derived> {
  const adopted = new Set<object | undefined>(graph.having(Workload).map(({ facts }) => facts.adopted));
  for (const { construct, facts } of graph.having(TeamObject)) {
    if (!adopted.has(construct)) yield { scope: construct, manifest: facts.render() };
  }
});
