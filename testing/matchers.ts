import type { Finding } from '../constructs/model/finding';
import type { Plan } from '../constructs/model/plan';
import type { MatcherAnswer, MatcherContext } from './context';
import type { PodsOutside } from './ends';
import { findingLine, findingText } from '../constructs/model/finding-text';
import { lookForObject } from './objects';
import { isPlan } from './serializer';
import { askTraffic } from './traffic';

/** One end of a flow: a workload (`orders`, `ordering/orders`), an IP address outside the cluster, or pods outside the plan. */
export type TrafficEnd = string | PodsOutside;

/** What can be said about a plan in jest. `R` is what a matcher returns. */
export interface PlanMatchers<R> {
  /**
   * The NetworkPolicies of the plan let one end reach a port of the other: those of the sender let it out, and those of
   * the receiver let it in. Replicas of one workload are told apart: `toAllow('a', 'a', 80)` is about one calling another.
   * The way from a pod's own node, by which probes come, is always open and no part of this. A name that the plan does
   * not have fails the test with and without `.not`.
   *
   * @param from - name of a workload, with its namespace where two have the name: `orders`, `ordering/orders`; an IP
   * address outside the cluster; or pods outside the plan: `{ namespace: 'ingress', labels: { app: 'nginx' } }`
   * @param to - as `from`
   * @param port - 1 to 65535: the port that the pod listens on; where the pod declares no such port, that of a Service over it
   * @param protocol - default: as the port is declared, `TCP` where it is not
   *
   * @example
   * ```ts
   * expect(plan).toAllow('frontend', 'cartservice', 7070);
   * expect(plan).not.toAllow('frontend', 'redis-cart', 6379);
   * ```
   */
  toAllow(from: TrafficEnd, to: TrafficEnd, port: number, protocol?: 'TCP' | 'UDP' | 'SCTP'): R;

  /**
   * The plan has an object of this name and, where fields are given, one that has them: as in jest's `toMatchObject`,
   * more fields are fine, and a list has to have as many items as are given.
   *
   * @param apiVersion - `v1`, `apps/v1`
   * @param kind - `Deployment`
   * @param name - `orders`, or `ordering/orders` where two namespaces have one
   * @param fields - part of the manifest, with asymmetric matchers where they help. Default: none
   *
   * @example
   * ```ts
   * expect(plan).toHaveObject('apps/v1', 'Deployment', 'cartservice', { spec: { replicas: 3 } });
   * ```
   */
  toHaveObject(apiVersion: string, kind: string, name: string, fields?: Readonly<Record<string, unknown>>): R;

  /** The plan has no findings, be they errors or warnings. Accepted ones do not count. */
  toHaveNoFindings(): R;

  /**
   * The plan has a finding that was not accepted.
   *
   * @param code - `unknown-port`
   * @param path - path of the construct, with or without the platform: `shop/ordering/orders`, `ordering/orders`; what
   * is found at its parts counts. Default: anywhere
   */
  toHaveFinding(code: string, path?: string): R;
}

/** The matchers as `expect.extend` wants them. */
export const planMatchers = {
  toAllow(
    this: MatcherContext,
    received: unknown,
    from: TrafficEnd,
    to: TrafficEnd,
    port: number,
    protocol?: string,
  ): MatcherAnswer {
    const plan = planIn(received);
    if (plan === undefined) return noPlan(this, 'toAllow', received);
    const answer = askTraffic(plan, from, to, port, protocol);
    return told(this, 'toAllow', 'from, to, port', answer.allowed ?? this.isNot === true, () => answer.explain());
  },

  toHaveObject(
    this: MatcherContext,
    received: unknown,
    apiVersion: string,
    kind: string,
    name: string,
    fields?: object,
  ): MatcherAnswer {
    const plan = planIn(received);
    if (plan === undefined) return noPlan(this, 'toHaveObject', received);
    const answer = lookForObject(plan, { apiVersion, kind, name, fields }, this);
    return told(this, 'toHaveObject', 'apiVersion, kind, name, fields', answer.found, () => answer.explain());
  },

  toHaveNoFindings(this: MatcherContext, received: unknown): MatcherAnswer {
    const plan = planIn(received);
    if (plan === undefined) return noPlan(this, 'toHaveNoFindings', received);
    const { findings } = plan;
    const text = (): string => `The plan has ${counted(findings)}.${textOf(findings)}`;
    return told(this, 'toHaveNoFindings', '', findings.length === 0, text);
  },

  toHaveFinding(this: MatcherContext, received: unknown, code: string, path?: string): MatcherAnswer {
    const plan = planIn(received);
    if (plan === undefined) return noPlan(this, 'toHaveFinding', received);
    const wanted = plan.findings.filter((finding) => isFinding(plan, finding, code, path));
    const text = (): string =>
      wanted.length > 0 ? `The plan has it.${textOf(wanted)}` : withoutFinding(plan, code, path);
    return told(this, 'toHaveFinding', 'code, path', wanted.length > 0, text);
  },
};

function planIn(received: unknown): Plan | undefined {
  return isPlan(received) ? received : undefined;
}

/** Fails with and without `.not`. */
function noPlan(context: MatcherContext, name: string, received: unknown): MatcherAnswer {
  const got = received === null ? 'null' : Array.isArray(received) ? 'a list' : typeof received;
  return told(
    context,
    name,
    '',
    context.isNot === true,
    () => `This is about plans, as synthesize makes them, and got ${got}.`,
  );
}

function told(
  { utils, isNot = false }: MatcherContext,
  name: string,
  parameters: string,
  pass: boolean,
  text: () => string,
): MatcherAnswer {
  return { pass, message: () => `${utils.matcherHint(name, 'plan', parameters, { isNot })}\n\n${text()}` };
}

function isFinding({ platform }: Plan, finding: Finding, code: string, path: string | undefined): boolean {
  if (finding.code !== code) return false;
  if (path === undefined) return true;
  return [path, `${platform}/${path}`].some((one) => finding.path === one || finding.path.startsWith(`${one}/`));
}

function withoutFinding(plan: Plan, code: string, path: string | undefined): string {
  const accepted = plan.accepted.filter(({ finding }) => isFinding(plan, finding, code, path));
  return [
    `The plan has no finding ${code}${path === undefined ? '' : ` at ${path}`}.`,
    ...accepted.map(({ finding, acceptance }) => `It was accepted at ${finding.path}: ${acceptance.reason}`),
    `It has ${counted(plan.findings)}${plan.findings.length === 0 ? '.' : ':'}`,
    ...plan.findings.map((finding) => `  ${findingLine(finding)}`),
  ].join('\n');
}

function counted({ length }: readonly Finding[]): string {
  if (length === 0) return 'no findings';
  return length === 1 ? 'one finding' : `${length} findings`;
}

function textOf(findings: readonly Finding[]): string {
  return findings.map((finding) => `\n\n${findingText(finding)}`).join('');
}
