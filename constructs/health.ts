import type { Duration } from 'cdk8s';
import type { HealthFacts, ProbeFacts } from './derive/pod';
import type { PortFacts } from './derive/endpoint';
import type { Problem } from './model/finding';
import { kindOf, membersOf, problemsOfOptions, problemsOfTime, secondsOf, upToSeconds } from './kinds';
import { problemOfInteger, type Checked } from './values';

/** When and how often a check is made. Whole seconds, as Kubernetes counts them (1.36, core/v1 Probe). */
export interface CheckOptions {
  /** Port to ask. @defaultValue the service's first port */
  readonly port?: number;
  /** Time before the first check. @defaultValue none */
  readonly initialDelay?: Duration;
  /** Time between two checks, at least 1 s. @defaultValue 10 s, by Kubernetes */
  readonly period?: Duration;
  /** Time to wait for an answer, at least 1 s. @defaultValue 1 s, by Kubernetes */
  readonly timeout?: Duration;
  /** Failures in a row that count. @defaultValue 3, by Kubernetes */
  readonly failures?: number;
  /** Successes in a row that count; 1 for liveness and startup. @defaultValue 1, by Kubernetes */
  readonly successes?: number;
}

/** More about a check over HTTP. */
export interface HttpCheckOptions extends CheckOptions {
  /** Headers to send. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How it is asked; of `HTTPS` the certificate is not checked. @defaultValue 'HTTP' */
  readonly scheme?: 'HTTP' | 'HTTPS';
}

/** More about a check over gRPC. */
export interface GrpcCheckOptions extends CheckOptions {
  /** Name that is asked for in the health request (gRPC Health Checking Protocol v1). @defaultValue the server itself */
  readonly service?: string;
}

/** A `Probe` of cdk8s-plus-27, by shape. */
export interface ProbeLike {
  /** Renders the probe for a container, which gives the port where the probe names none. @internal */
  _toKube?(container: unknown): unknown;
}

const NO_PORT: Readonly<Record<keyof Omit<CheckOptions, 'port'>, true>> = {
  initialDelay: true,
  period: true,
  timeout: true,
  failures: true,
  successes: true,
};
const TCP: Readonly<Record<keyof CheckOptions, true>> = { ...NO_PORT, port: true };
const GRPC: Readonly<Record<keyof GrpcCheckOptions, true>> = { ...TCP, service: true };
const HTTP: Readonly<Record<keyof HttpCheckOptions, true>> = { ...TCP, headers: true, scheme: true };

/** The times of a check, with the least that each may be, in seconds. */
const TIMES = [
  ['initialDelay', 0],
  ['period', 1],
  ['timeout', 1],
] as const;

/** One question to a container. */
export class Check implements Checked {
  /** Times and counts that were given wrongly. The construct that takes the check reports them. */
  readonly problems: readonly Problem[];

  private readonly options: CheckOptions;

  private constructor(
    private readonly handler: (port: number) => object,
    given: CheckOptions,
    known: Readonly<Record<string, true>>,
    private readonly needsPort = true,
  ) {
    const options = membersOf(given);
    this.options = options;
    this.problems = [
      ...problemsOfOptions('health', given, known, '{ period: Duration.seconds(10) }'),
      ...TIMES.flatMap(([name, min]) => problemsOfTime(`health.${name}`, options[name], upToSeconds(3600, min))),
      ...(options.failures === undefined ? [] : problemOfInteger('health.failures', options.failures, 1, 1000)),
      ...(options.successes === undefined ? [] : problemOfInteger('health.successes', options.successes, 1, 1000)),
    ];
  }

  /** Well when it answers 200 to 399. */
  static http(path: string, options: HttpCheckOptions = {}): Check {
    const { headers = {}, scheme } = membersOf(options);
    const httpHeaders = Object.entries(headers).map(([name, value]) => ({ name, value }));
    return new Check(
      (port) => ({
        httpGet: {
          path,
          port,
          ...(scheme !== undefined && { scheme }),
          ...(httpHeaders.length > 0 && { httpHeaders }),
        },
      }),
      options,
      HTTP,
    );
  }

  /** Well when it answers SERVING (gRPC Health Checking Protocol v1). */
  static grpc(options: GrpcCheckOptions = {}): Check {
    const { service } = membersOf(options);
    return new Check((port) => ({ grpc: { port, ...(service !== undefined && { service }) } }), options, GRPC);
  }

  /** Well when it takes a connection. */
  static tcp(options: CheckOptions = {}): Check {
    return new Check((port) => ({ tcpSocket: { port } }), options, TCP);
  }

  /** Well when the command ends with 0. */
  static exec(command: readonly string[], options: Omit<CheckOptions, 'port'> = {}): Check {
    return new Check(() => ({ exec: { command } }), options, NO_PORT, false);
  }

  /** The check as a probe; a problem where it needs a port and the service has none. */
  toProbe(defaultPort: number | undefined): ProbeFacts | Problem {
    const { initialDelay, period, timeout, failures, successes, port = defaultPort } = this.options;
    if (port === undefined && this.needsPort) {
      return {
        code: 'check-without-port',
        message: 'The health check asks a port, but the service listens on none.',
        field: 'health',
        got: 'no ports',
        allowed: 'a port, or Check.exec',
        fix: 'Give the check a port, or the service its ports.',
      };
    }
    return {
      ...this.handler(port ?? 0),
      ...(initialDelay !== undefined && { initialDelaySeconds: secondsOf(initialDelay, 1) }),
      ...(period !== undefined && { periodSeconds: secondsOf(period, 1) }),
      ...(timeout !== undefined && { timeoutSeconds: secondsOf(timeout, 1) }),
      ...(failures !== undefined && { failureThreshold: failures }),
      ...(successes !== undefined && { successThreshold: successes }),
    };
  }
}

/** The questions; each may be left out. */
export interface HealthChecks {
  /** Has it come up? The others wait for it. */
  readonly startup?: Check | ProbeLike;
  /** May it be sent traffic? This one may look at what the service needs. */
  readonly readiness?: Check | ProbeLike;
  /** Must it be restarted? Never look at other services here: their failure would restart this one, too. */
  readonly liveness?: Check | ProbeLike;
}

const QUESTIONS: Readonly<Record<keyof HealthChecks, true>> = { startup: true, readiness: true, liveness: true };

/** How a service is asked whether it is well. */
export class Health {
  private constructor(private readonly checks: HealthChecks) {}

  /** One check a question. */
  static of(checks: HealthChecks): Health {
    return new Health(checks);
  }

  /** The same check for readiness and liveness. */
  static both(check: Check | ProbeLike): Health {
    return new Health({ readiness: check, liveness: check });
  }

  /** The checks as facts, and what is wrong with them. */
  toFacts(ports: readonly PortFacts[]): { readonly facts: HealthFacts } & Checked {
    const example = "{ readiness: Check.http('/healthz') }";
    const problems = [...problemsOfOptions('health', this.checks, QUESTIONS, example)];
    const facts: { -readonly [Question in keyof HealthFacts]: HealthFacts[Question] } = {};
    const defaultPort = ports[0]?.containerPort;
    for (const question of ['startup', 'readiness', 'liveness'] as const) {
      const check = membersOf(this.checks)[question];
      if (check === undefined) continue;
      const probe = check instanceof Check ? check.toProbe(defaultPort) : fromPlus(check, defaultPort);
      if (check instanceof Check) problems.push(...check.problems);
      if (isProblem(probe)) problems.push(probe);
      else facts[question] = probe;
    }
    return { facts, problems };
  }
}

/** Those, of whichever copy of the kit. */
export const HEALTH = kindOf(Health, "Health.both(Check.http('/healthz'))");

function isProblem(value: ProbeFacts | Problem): value is Problem {
  return typeof (value as Partial<Problem>).code === 'string';
}

/** A Probe of cdk8s-plus-27 2.x as it would render it in a container with this port. */
function fromPlus(probe: ProbeLike, defaultPort: number | undefined): ProbeFacts | Problem {
  const asked = { ports: [], portNumber: defaultPort };
  const rendered = membersOf(probe)._toKube?.(asked) as Record<string, unknown> | undefined;
  if (rendered === undefined) {
    return {
      code: 'unknown-check',
      message: 'The health check is neither a Check nor a Probe of cdk8s-plus-27.',
      field: 'health',
      got: 'another object',
      allowed: 'Check.http, Check.grpc, Check.tcp, Check.exec, or a Probe',
      fix: 'Use one of them.',
    };
  }
  return JSON.parse(JSON.stringify(rendered, unwrap)) as ProbeFacts;
}

/** The generated classes of cdk8s-plus-27 wrap a number or string into an object with one value. */
function unwrap(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('value' in value) || 'name' in value) return value;
  return value.value;
}
