import type { IConstruct } from 'constructs';
import { capability } from '../model/capability';
import { rule, type RuleFinding } from '../model/extension';
import { callersOf } from './callers';
import { Owns, Store } from './stores/store';

/** A service that serves one kind of client. */
export interface FrontendFacts {
  /** Its clients: `mobile`. */
  readonly client: string;
  /** Path of the gateway's construct. */
  readonly gateway: string;
  /** The gateway's name that is its own; empty: none. */
  readonly host: string;
}

/** The capability of being a backend for a frontend. */
export const Frontend = capability<FrontendFacts>('frontend');

/** A kind of client has one backend at a place; that is called by nobody else, and keeps no data of the business. */
export const frontendRules = rule('frontends', function* (graph): Iterable<RuleFinding> {
  const places = new Map<string, IConstruct>();
  for (const { construct, facts } of graph.having(Frontend)) {
    const place = `${facts.client} ${facts.gateway} ${facts.host}`;
    const first = places.get(place);
    if (first === undefined) places.set(place, construct);
    else yield twice(construct, first, facts);
    const { services, standbys } = callersOf(graph, construct);
    for (const { from, source } of [...services, ...standbys]) yield calledInside(construct, from, source.at);
    for (const { to, source } of graph.from(construct, Owns)) {
      if (graph.facts(to, Store)?.durable === true) yield ownsData(construct, to, source.at);
    }
  }
});

function twice(at: IConstruct, first: IConstruct, { client, host }: FrontendFacts): RuleFinding {
  return {
    at,
    code: 'frontend-twice',
    message: `Clients of the kind ${client} have two backends at one place.`,
    field: 'client',
    got: `${first.node.path} serves them, too${host === '' ? '' : `, at ${host}`}`,
    allowed: 'one backend for a kind of client at a gateway and name',
    fix: 'Join the two, or name the kinds of clients apart.',
  };
}

function calledInside(at: IConstruct, from: IConstruct, where: string): RuleFinding {
  return {
    at,
    code: 'frontend-called',
    message: `${from.node.path} calls it, and so depends on what one kind of client is shown.`,
    got: `a call at ${where}`,
    allowed: 'calls by the gateway alone',
    fix: 'Call the services behind it, or move what both need into a service of its own.',
  };
}

function ownsData(at: IConstruct, store: IConstruct, where: string): RuleFinding {
  return {
    at,
    code: 'frontend-owns-data',
    message: `It owns ${store.node.path}: what is kept there, other kinds of clients cannot see.`,
    got: `a durable store at ${where}`,
    allowed: 'caches, and stores that may be lost, such as sessions',
    fix: 'Give the store to the service whose data it is, and call that.',
  };
}
