import type { Construct } from 'constructs';
import type { IEndpoint } from './capabilities';
import { Endpoint, type Reach } from './derive/endpoint';
import { membersOf, objectLike, problemsOfNeeded, soundOf, textLike, textOrLater } from './kinds';
import { hasTokens, textOf, type Deferrable } from './model/deferred';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import { declare, report } from './model/recorder';
import { portFacts, type Ports } from './port';
import { methodOf, propsOr, tellProps, type Needs } from './props';
import { noAddresses, unknownProps } from './values';

/** What a peer outside the platform is told. */
export interface ExternalServiceProps {
  /** DNS name by which it is called. */
  readonly host: Deferrable<string>;
  /** Ports by name. @defaultValue `https: 443` */
  readonly ports?: Ports;
  /**
   * Its addresses as CIDRs. Network policies know no names, so without them every public address is open on these
   * ports. @defaultValue all public addresses
   */
  readonly addresses?: readonly string[];
}

/** What a Service of the cluster that Ashlar does not own is told. */
export interface ClusterServiceProps {
  /** Namespace of the Service and of the pods behind it: `monitoring`. */
  readonly namespace: string;
  /** Name of the Service. @defaultValue the id */
  readonly service?: string;
  /** Labels of the pods behind it. No labels: all pods of the namespace. */
  readonly podLabels: Readonly<Record<string, string>>;
  /**
   * Ports of the Service by name. Where its pods listen elsewhere, say so: `{ http: Port.http(80, { container: 8080 })
   * }`.
   */
  readonly ports: Ports;
}

/** Addresses that are not public: RFC 1918, 6598, 3927, 4193 and 4291. */
const PRIVATE = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
  'fe80::/10',
];

/** Everything else. */
const PUBLIC: Reach = { cidrs: ['0.0.0.0/0', '::/0'], except: PRIVATE };

const HOST = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\.?$/i;

/**
 * A peer that Ashlar does not own: it makes no objects, only the caller's side of the way.
 *
 * Errors: `bad-host`, `bad-name`, `port-out-of-range`.
 *
 * @example
 * ```ts
 * const stripe = ExternalService.of(shop, 'stripe', { host: 'api.stripe.com' });
 * payments.calls(stripe, { env: { STRIPE_URL: 'url' } });
 * ```
 */
export class ExternalService extends Element implements IEndpoint {
  /** Names of the ports that callers may choose from: `https`. */
  readonly portNames: readonly string[];

  private constructor(scope: Construct, id: string, ports: Ports) {
    super(scope, id);
    this.portNames = Object.keys(ports);
  }

  /** A peer outside the cluster. */
  static of(scope: Construct, id: string, props: ExternalServiceProps): ExternalService {
    const { host, ports = { https: 443 }, addresses } = propsOr(props, OUTSIDE_NEEDS);
    const service = new ExternalService(scope, id, ports);
    tellProps(service, props, OUTSIDE_NEEDS, methodOf(ExternalService, 'of'));
    const checked = portFacts(ports);
    const problems = [...checked.problems, ...problemsOfHost(host), ...unknownProps(membersOf(props), OUTSIDE)];
    for (const problem of problems) report(service, problem);
    if (addresses?.length === 0) report(service, noAddresses('addresses'));
    declare(service, Endpoint, {
      host: { name: textOf(service, 'host', soundOf(host, HOST_TEXT) ?? id) },
      // Nothing translates ports on the way out of the cluster.
      ports: checked.facts.map((port) => ({ ...port, containerPort: port.number })),
      reach: addresses === undefined ? PUBLIC : { cidrs: addresses, except: [] },
    });
    return service;
  }

  /** A Service of the same cluster that somebody else deploys. */
  static inCluster(scope: Construct, id: string, props: ClusterServiceProps): ExternalService {
    const { service: name = id, ...said } = propsOr(props, INSIDE_NEEDS);
    const namespace = soundOf(said.namespace, NAMESPACE) ?? '';
    const ports = soundOf(said.ports, PORTS) ?? {};
    const service = new ExternalService(scope, id, ports);
    tellProps(service, props, INSIDE_NEEDS, methodOf(ExternalService, 'inCluster'));
    const checked = portFacts(ports);
    const problems = [
      ...checked.problems,
      ...problemsOfNeeded('namespace', said.namespace, NAMESPACE),
      ...problemsOfNeeded('podLabels', said.podLabels, LABELS),
      ...problemsOfNeeded('ports', said.ports, PORTS),
      ...unknownProps(membersOf(props), INSIDE),
    ];
    for (const problem of problems) report(service, problem);
    declare(service, Endpoint, {
      host: { service: name, namespace },
      ports: checked.facts,
      reach: { pods: { namespace, labels: soundOf(said.podLabels, LABELS) ?? {} } },
    });
    return service;
  }
}

const OUTSIDE: Readonly<Record<keyof ExternalServiceProps, true>> = { host: true, ports: true, addresses: true };
const INSIDE: Readonly<Record<keyof ClusterServiceProps, true>> = {
  namespace: true,
  service: true,
  podLabels: true,
  ports: true,
};

const HOST_TEXT = textOrLater("'api.example.com'");
const NAMESPACE = textLike("'monitoring'");
const LABELS = objectLike<ClusterServiceProps['podLabels']>("{ app: 'prometheus' }");
const PORTS = objectLike<Ports>('{ http: 9090 }');

const OUTSIDE_NEEDS: Needs<ExternalServiceProps> = {
  needed: ['host'],
  example: "{ host: 'api.example.com' }",
  instead: { host: 'api.example.com' },
};

const INSIDE_NEEDS: Needs<ClusterServiceProps> = {
  needed: ['namespace', 'podLabels', 'ports'],
  example: "{ namespace: 'monitoring', podLabels: { app: 'prometheus' }, ports: { http: 9090 } }",
  instead: { namespace: 'monitoring', podLabels: {}, ports: { http: 9090 } },
};

function problemsOfHost(host: Deferrable<string>): readonly Problem[] {
  if (typeof host !== 'string') return problemsOfNeeded('host', host, HOST_TEXT);
  if (hasTokens(host) || HOST.test(host)) return [];
  return [
    {
      code: 'bad-host',
      message: `${JSON.stringify(host)} is no DNS name.`,
      field: 'host',
      got: JSON.stringify(host),
      allowed: 'a name such as api.example.com, without scheme, port or path',
      fix: 'Give the name alone; the port goes under ports.',
    },
  ];
}
