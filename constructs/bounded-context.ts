import { Context, type ContextFacts } from './derive/context';
import { LABEL_PREFIX } from './derive/labels';
import { kindOf, membersOf, problemsOfNeeded, soundOf, textLike } from './kinds';
import { Component, Platform } from './model/component';
import { problemOfName } from './model/element';
import type { Problem } from './model/finding';
import { declare, report } from './model/recorder';
import { propsOr, tellProps, type Needs } from './props';
import { problemOfChoice, unknownProps } from './values';

/** What a bounded context is told. */
export interface BoundedContextProps {
  /** Team that owns it; a label value. */
  readonly team: string;
  /**
   * Kind of subdomain (Evans, "Domain-Driven Design", chapter 15): where the business is won, what it needs besides,
   * what anybody could buy. @defaultValue none
   */
  readonly subdomain?: 'core' | 'supporting' | 'generic';
  /** Namespace of its objects. It is pinned: renaming it moves everything. @defaultValue the id */
  readonly namespace?: string;
  /** Group of the team, as the cluster's identity provider names it. @defaultValue the team */
  readonly teamGroup?: string;
  /**
   * What the namespace may take, as in a ResourceQuota's `hard`.
   * @defaultValue computed: all workloads at their largest scale, old pods and new ones, and a quarter above
   */
  readonly quota?: Readonly<Record<string, string>>;
}

/** Namespaces that every cluster brings (Kubernetes 1.36, "Namespaces": the prefix kube- is reserved). */
const SYSTEM = /^(default$|kube-)/;

/** Kustomize's own file, without its ending, in the folder where each context is a file. */
const RESERVED = 'kustomization';

const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/**
 * A part of the business with one owner (Decompose by subdomain). In the cluster it is a namespace with Pod Security
 * `restricted`, a quota, limits, the team's rights, and closed ports in both directions but for names; the calls that
 * its services declare open exactly what they need.
 *
 * Errors: `bad-name`, `duplicate-name`, `bad-label`.
 *
 * @example
 * ```ts
 * const ordering = new BoundedContext(shop, 'ordering', { team: 'orders', subdomain: 'core' });
 * ```
 */
export class BoundedContext extends Component {
  /** Labels of the objects in it: what they belong to and who owns them. */
  readonly labels: Readonly<Record<string, string>>;

  constructor(scope: Platform, id: string, props: BoundedContextProps) {
    const { subdomain, namespace = id, quota, ...said } = propsOr(props, NEEDS);
    const team = soundOf(said.team, TEAM) ?? '';
    const { teamGroup = team } = said;
    super(scope, id, namespace);
    tellProps(this, props, NEEDS);
    this.labels = {
      'app.kubernetes.io/part-of': scope.node.id,
      'app.kubernetes.io/managed-by': 'ashlar',
      [`${LABEL_PREFIX}/context`]: id,
      [`${LABEL_PREFIX}/team`]: team,
      ...(subdomain !== undefined && { [`${LABEL_PREFIX}/subdomain`]: subdomain }),
    };
    const wrong = [
      ...problemsOfNeeded('scope', scope, PLATFORM),
      ...problemsOfNeeded('team', said.team, TEAM),
      ...problemOfChoice('subdomain', subdomain, SUBDOMAINS),
      ...unknownProps(membersOf(props), PROPS),
    ];
    for (const problem of [...wrong, ...reservedNames(id, namespace)]) report(this, problem);
    const badNamespace = namespace === id ? undefined : problemOfName(namespace, 'namespace');
    if (badNamespace !== undefined) report(this, badNamespace);
    if (!LABEL_VALUE.test(team)) {
      report(this, {
        code: 'bad-label',
        message: `${JSON.stringify(team)} cannot be the value of a label.`,
        field: 'team',
        got: JSON.stringify(team),
        allowed: 'up to 63 letters, digits, -, _ and ., from and to a letter or digit',
        fix: 'Choose a short name for the team; give the group of the identity provider as teamGroup.',
      });
    }
    const facts: ContextFacts = { namespace, teamGroup, ...(quota !== undefined && { quota }) };
    declare(this, Context, facts);
  }
}

const PROPS: Readonly<Record<keyof BoundedContextProps, true>> = {
  team: true,
  subdomain: true,
  namespace: true,
  teamGroup: true,
  quota: true,
};
const SUBDOMAINS = ['core', 'supporting', 'generic'];
const TEAM = textLike("'orders'");
const NEEDS: Needs<BoundedContextProps> = {
  needed: ['team'],
  example: "{ team: 'orders' }",
  instead: { team: 'nobody' },
};
const PLATFORM = kindOf(Platform, 'the first argument of the function that is given to definePlatform');

/** Names that would harm others: the cluster's own namespaces, the file that lists all others. */
function reservedNames(id: string, namespace: string): readonly Problem[] {
  const common = { code: 'reserved-name', fix: 'Rename the context, or give it another namespace.' };
  const system: Problem = {
    ...common,
    message: `The namespace ${namespace} is the cluster's own: closed ports and a quota would stop what runs there.`,
    field: namespace === id ? 'id' : 'namespace',
    got: namespace,
    allowed: 'any name but default and kube-…',
  };
  const file: Problem = {
    ...common,
    message: `A context cannot be called ${RESERVED}: the file of that name lists all others.`,
    field: 'id',
    got: id,
    allowed: 'any other name',
  };
  return [...(SYSTEM.test(namespace) ? [system] : []), ...(id === RESERVED ? [file] : [])];
}
