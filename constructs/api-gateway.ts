import type { Construct } from 'constructs';
import { BoundedContext } from './bounded-context';
import type { IEndpoint } from './capabilities';
import { Gateway, type GatewayFacts } from './derive/gateway/gateway';
import { problemsOfHost } from './gateway/checks';
import { Compression } from './gateway/compression';
import { leadTo } from './gateway/lead-to';
import type { RouteOptions } from './gateway/route';
import { Tls } from './gateway/tls';
import { LIST, kindOf, problemsOfNeeded, problemsOfValue, soundOf } from './kinds';
import { Platform } from './model/component';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import { given } from './model/given';
import { declare, report } from './model/recorder';
import { namespaceOf } from './namespace';
import { SCALE, type Scale } from './scale';
import { unknownProps } from './values';

/** What a gateway is told. */
export interface ApiGatewayProps {
  /** DNS names under which clients reach it; at least one. No two gateways share one. */
  readonly hosts: readonly string[];
  /** Where its certificate comes from. @defaultValue a Secret that somebody makes, called as the gateway and `-tls` */
  readonly tls?: Tls;
  /** Which answers it compresses. @defaultValue none */
  readonly compression?: Compression;
  /** How many pods. @defaultValue by the setting `scale` */
  readonly scale?: Scale;
  /** Who owns a gateway that stands in the platform itself. One in a context is owned by its team. @defaultValue 'platform' */
  readonly team?: string;
}

const PROPS: Readonly<Record<keyof ApiGatewayProps, true>> = {
  hosts: true,
  tls: true,
  compression: true,
  scale: true,
  team: true,
};

/**
 * The way in for clients outside (API gateway): one address, TLS, and for each route who gets through, how often, and
 * how long it may take. Plain HTTP is sent on to HTTPS. The environment chooses who does it: `istio`, `gateway-api`, or
 * `none`. One that stands in the platform itself is a component of its own: it gets a context, and so a namespace and a
 * chart, of its name.
 *
 * Errors: `bad-host`, `bad-path`, `bad-header`, `header-twice`, `bad-day`, `bad-content-type`, `bad-object-name`,
 * `not-https`, `no-auth`, `team-of-context`, `host-taken`, `route-shadowed`, `route-overlap`, `route-without-timeout`, `unknown-port`,
 * `out-of-range`.
 *
 * @example
 * ```ts
 * const edge = new ApiGateway(ordering, 'edge', { hosts: ['api.shop.example.com'] });
 * edge.route('/health', orders, { auth: Auth.none('Monitors outside ask it.'), timeout: Duration.seconds(1) });
 * ```
 */
export class ApiGateway extends Element {
  readonly #facts: GatewayFacts;
  readonly #added: string[] = [];

  constructor(scope: Construct, id: string, props: ApiGatewayProps) {
    super(homeOf(scope, id, props), id);
    const { tls, compression, scale, team } = props;
    const problems = [
      ...problemsOfHosts(props.hosts),
      ...problemsOfValue('tls', tls, TLS),
      ...problemsOfValue('compression', compression, COMPRESSION),
      ...problemsOfValue('scale', scale, SCALE),
      ...(scope instanceof Platform || team === undefined ? [] : [teamOfContext(team)]),
      ...unknownProps(props, PROPS),
    ];
    for (const problem of problems) report(this, problem);
    this.#facts = {
      namespace: namespaceOf(this),
      hosts: soundOf(props.hosts, HOSTS) ?? [],
      tls: (soundOf(tls, TLS) ?? Tls.default).factsOf(id),
      ...given({ compression: soundOf(compression, COMPRESSION)?.facts, scale: soundOf(scale, SCALE)?.facts }),
    };
    declare(this, Gateway, this.#facts);
  }

  /** Adds a name under which clients reach it; its certificate has to be for that, too. */
  addHost(host: string): this {
    for (const problem of problemsOfHost('hosts', host)) report(this, problem);
    if (!this.#added.includes(host)) this.#added.push(host);
    const { hosts } = this.#facts;
    declare(this, Gateway, { ...this.#facts, hosts: [...new Set([...hosts, ...this.#added.toSorted()])] });
    return this;
  }

  /**
   * Leads a path, and all below it, to a service.
   * @param path - `/` or `/orders`: whole segments, without a slash at the end
   */
  route(path: string, service: IEndpoint, options: RouteOptions): this {
    leadTo(this, path, service, options);
    return this;
  }
}

const TLS = kindOf(Tls, "Tls.issuedBy('letsencrypt')");
const COMPRESSION = kindOf(Compression, 'Compression.gzip()');
const HOSTS = { ...LIST, example: "['api.shop.example.com']" };

/** Those, of whichever copy of the kit. */
export const GATEWAY = kindOf(ApiGateway, "new ApiGateway(ordering, 'edge', { hosts: ['api.shop.example.com'] })");

/** Where it stands: a gateway that serves all contexts belongs to none of them. */
function homeOf(scope: Construct, id: string, { team = 'platform' }: ApiGatewayProps): Construct {
  return scope instanceof Platform ? new BoundedContext(scope, id, { team, subdomain: 'generic' }) : scope;
}

function problemsOfHosts(hosts: readonly string[]): readonly Problem[] {
  if (!HOSTS.is(hosts)) return problemsOfNeeded('hosts', hosts, HOSTS);
  return hosts.length === 0 ? problemsOfHost('hosts', '') : hosts.flatMap((host) => problemsOfHost('hosts', host));
}

function teamOfContext(team: string): Problem {
  return {
    code: 'team-of-context',
    message: 'A gateway in a context is owned by the team of the context.',
    field: 'team',
    got: team,
    allowed: 'a team for a gateway that stands in the platform itself',
    fix: 'Leave it out, or create the gateway in the platform.',
  };
}
