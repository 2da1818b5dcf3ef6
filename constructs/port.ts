import type { PortFacts, Protocol } from './derive/endpoint';
import { membersOf, problemsOfOptions } from './kinds';
import type { Problem } from './model/finding';
import { printed, type Checked } from './values';

/** Highest port (RFC 6335, section 6). */
const MAX_PORT = 65535;

/** Names of container ports: IANA_SVC_NAME (RFC 6335, section 5.1), as Kubernetes checks them. */
const PORT_NAME = /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/;

/** More about a port. */
export interface PortOptions {
  /** Port that the process listens on. @defaultValue the port that callers use */
  readonly container?: number;
}

const OPTIONS: Readonly<Record<keyof PortOptions, true>> = { container: true };

/** A port that callers use, and what is spoken there. */
export class Port implements Checked {
  private constructor(
    /** Port that callers use. */
    readonly number: number,
    /** What is spoken; undefined: told from the port's name. */
    readonly protocol: Protocol | undefined,
    /** Port that the process listens on. */
    readonly container: number,
    /** Options that were given wrongly. */
    readonly problems: readonly Problem[] = [],
  ) {}

  /** HTTP/1.1. */
  static http(number: number, options: PortOptions = {}): Port {
    return Port.#speaking('http', number, options);
  }

  /** HTTP/2 in plain text. */
  static http2(number: number, options: PortOptions = {}): Port {
    return Port.#speaking('http2', number, options);
  }

  /** gRPC. */
  static grpc(number: number, options: PortOptions = {}): Port {
    return Port.#speaking('grpc', number, options);
  }

  /** Anything over TCP. */
  static tcp(number: number, options: PortOptions = {}): Port {
    return Port.#speaking('tcp', number, options);
  }

  /** Anything over UDP. */
  static udp(number: number, options: PortOptions = {}): Port {
    return Port.#speaking('udp', number, options);
  }

  /** A number: the protocol is told from the port's name. */
  static of(port: number | Port): Port {
    return port instanceof Port ? port : new Port(port, undefined, port);
  }

  static #speaking(protocol: Protocol, number: number, options: PortOptions): Port {
    const { container = number } = membersOf(options);
    return new Port(number, protocol, container, problemsOfOptions('ports', options, OPTIONS, '{ container: 8080 }'));
  }
}

/** Ports by name. A bare number speaks what its name says: `http`, `http2`, `grpc`, `udp`, otherwise plain TCP. */
export type Ports = Readonly<Record<string, number | Port>>;

/** Ports as facts, and what is wrong with them. */
export function portFacts(ports: Ports): { readonly facts: readonly PortFacts[] } & Checked {
  const problems: Problem[] = [];
  const facts = Object.entries(ports).map(([name, given]) => {
    const { number, container, protocol, problems: ofOptions } = Port.of(given);
    problems.push(...problemsOf(name, number, container), ...ofOptions);
    return { name, number, containerPort: container, protocol: protocol ?? protocolOf(name) };
  });
  return { facts, problems };
}

/** What a port's name says is spoken there. */
export function protocolOf(name: string): Protocol {
  const word = name.split('-')[0];
  return word === 'http' || word === 'http2' || word === 'grpc' || word === 'udp' ? word : 'tcp';
}

function problemsOf(name: string, number: unknown, container: unknown): readonly Problem[] {
  const problems: Problem[] = [];
  if (!PORT_NAME.test(name)) {
    problems.push({
      code: 'bad-port-name',
      message: `${JSON.stringify(name)} cannot be the name of a port.`,
      field: `ports.${name}`,
      got: JSON.stringify(name),
      allowed: '1 to 15 of a-z, 0-9 and single -, with at least one letter',
      fix: 'Choose a name such as "grpc" or "http-admin".',
    });
  }
  for (const value of new Set([number, container])) {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_PORT) continue;
    problems.push({
      code: 'port-out-of-range',
      message: `The port ${name} is no port number.`,
      field: `ports.${name}`,
      got: printed(value),
      allowed: `1 to ${MAX_PORT}`,
      fix: 'Use the port that the process listens on.',
    });
  }
  return problems;
}
