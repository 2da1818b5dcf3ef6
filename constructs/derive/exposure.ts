import type { IConstruct } from 'constructs';
import { contribute } from '../model/extension';
import type { Part } from '../model/facet';
import { relation } from '../model/relation';
import { Endpoint, transportOf, type Reach } from './endpoint';
import { TrafficIn, type TrafficPart } from './traffic';

/** What comes from outside to a port. */
export interface ExposureFacts {
  readonly port: string;
  readonly from: readonly Reach[];
}

/** A workload is reached from outside the platform. Both ends are the workload: the other side is none of its constructs. */
export const Exposes = relation<IConstruct, IConstruct, ExposureFacts>('exposes', (facts) => JSON.stringify(facts));

/** Every address. */
export const ANYWHERE: Reach = { cidrs: ['0.0.0.0/0', '::/0'], except: [] };

/** The way in from outside. */
export const exposureParts = [
  contribute('exposes.in', TrafficIn, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { to, facts, source } of graph.all(Exposes)) {
      const port = graph.facts(to, Endpoint)?.ports.find(({ name }) => name === facts.port);
      if (port === undefined) continue;
      for (const peer of facts.from) {
        const part: TrafficPart = {
          peer,
          port: port.containerPort,
          transport: transportOf(port.protocol),
          purpose: 'relation',
        };
        yield { to, part, source };
      }
    }
  }),
];
