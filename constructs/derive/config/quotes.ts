import type { IConstruct } from 'constructs';
import type { RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { CONSTRUCT, wrongKind } from '../../model/kind';
import { ADDRESS_FORMATS, formatAddress, portOfCall, type AddressFormat } from '../calls';
import { Endpoint, hostOf } from '../endpoint';
import { Connection } from '../stores/connection-facts';
import { Quotable, type QuoteFacts, type QuotePart } from './facts';

type Problem = Omit<RuleFinding, 'at'>;

/** A value that was made of what others are called. */
export interface Quoted {
  /** Undefined where some part of it is not known. */
  readonly value?: unknown;
  readonly problems: readonly Problem[];
}

/** Puts together a value. A port by itself is a number, everything else a text. */
export function quoted(graph: Graph, key: string, parts: readonly QuotePart[]): Quoted {
  const texts = parts.map((part) => (typeof part === 'string' ? part : fieldOf(graph, part)));
  const problems = parts.flatMap((part, index) =>
    texts[index] === undefined && typeof part !== 'string' ? [unknownField(graph, key, part)] : [],
  );
  if (problems.length > 0) return { problems };
  const [only] = parts;
  const isPort = parts.length === 1 && typeof only === 'object' && only.field === 'port';
  return { value: isPort ? Number(texts[0]) : texts.join(''), problems: [] };
}

function fieldOf(graph: Graph, quote: QuoteFacts): string | undefined {
  return addressOf(graph, quote) ?? namesOf(graph, quote.of)[quote.field];
}

function addressOf(graph: Graph, { of, field, port: name }: QuoteFacts): string | undefined {
  const port = portOfCall(graph.facts(of, Endpoint), { port: name });
  if (port === undefined || !isAddressFormat(field)) return undefined;
  return formatAddress(field, graph.viewOf(hostOf, of), port);
}

function isAddressFormat(field: string): field is AddressFormat {
  return (ADDRESS_FORMATS as readonly string[]).includes(field);
}

/** What a construct is called besides: never what holds a user or a password. */
function namesOf(graph: Graph, of: IConstruct): Readonly<Record<string, string>> {
  const connection = Object.entries(graph.facts(of, Connection)?.fields.owner ?? {});
  const plain = connection.filter(([, text]) => !/[{}]/.test(text));
  return { ...Object.fromEntries(plain), ...graph.facts(of, Quotable)?.fields };
}

function unknownField(graph: Graph, key: string, { of, field, port }: QuoteFacts): Problem {
  if (!CONSTRUCT.is(of)) return wrongKind(`values.${key}`, of, CONSTRUCT);
  const ports = graph.facts(of, Endpoint)?.ports.map(({ name }) => name) ?? [];
  const addresses = ports.length > 0 ? [`${ADDRESS_FORMATS.join(', ')} of the ports ${ports.join(', ')}`] : [];
  return {
    code: 'unknown-quote',
    message: `The value of ${key} names something that ${of.node.path} does not have.`,
    field: key,
    got: port === '' ? field || 'no field' : `${field} of the port ${port}`,
    allowed: [...addresses, ...Object.keys(namesOf(graph, of))].join(', ') || 'nothing: it cannot be named',
    fix: 'Name one of these; where there are several ports, say which.',
  };
}
