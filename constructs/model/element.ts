import { Construct, type IConstruct } from 'constructs';
import { withoutConstruct } from './error';
import type { Problem } from './finding';
import { CONSTRUCT, wrongKind } from './kind';
import { recorderOf, report } from './recorder';

/** Service names, label values and DNS labels at once: RFC 1035, section 2.3.1, in lower case. */
const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** Longest name, in characters: a DNS label (RFC 1035, section 2.3.4) and a label's value. */
const MAX_NAME_LENGTH = 63;

/**
 * A construct of a platform. Its id is a name in the cluster, so a bad or a doubled one is a finding, and the program
 * goes on.
 */
export abstract class Element extends Construct {
  constructor(scope: Construct, id: string) {
    if (!CONSTRUCT.is(scope)) throw withoutConstruct(noScope(new.target.name, id, scope), new.target);
    const twin = twinOf(scope, id);
    super(scope, twin === undefined ? String(id) : freeId(scope, id));
    const problem = twin === undefined ? problemOfName(id) : problemOfTwin(scope, id, twin);
    if (problem !== undefined) report(this, problem);
  }
}

function noScope(made: string, id: string, scope: unknown): Problem {
  return {
    ...wrongKind('scope', scope, { ...CONSTRUCT, example: 'the BoundedContext or the platform that it belongs to' }),
    message: `There is nothing for the ${made} ${id} to stand in.`,
  };
}

/** What is wrong with a name, if anything. */
export function problemOfName(name: string, field = 'id'): Problem | undefined {
  if (typeof name === 'string' && name.length <= MAX_NAME_LENGTH && NAME.test(name)) return undefined;
  return {
    code: 'bad-name',
    message: `${JSON.stringify(name)} cannot be a name in the cluster.`,
    field,
    got: JSON.stringify(name),
    allowed: `1 to ${MAX_NAME_LENGTH} of a-z, 0-9 and -, from a letter to a letter or digit`,
    fix: 'Choose a name such as "order-history".',
  };
}

function twinOf(scope: IConstruct, id: string): IConstruct | undefined {
  recorderOf(scope).assertOpen(scope.node.path, () => `the construct ${id} of ${scope.node.path}`);
  return typeof id === 'string' ? scope.node.tryFindChild(id) : undefined;
}

function problemOfTwin(scope: IConstruct, id: string, twin: IConstruct): Problem {
  return {
    code: 'duplicate-name',
    message: `There are two constructs called ${id} in ${scope.node.path}.`,
    field: 'id',
    got: `another ${twin.constructor.name} of this name`,
    allowed: 'one construct a name',
    fix: 'Rename one of the two.',
  };
}

/** An id to go on with, so that all problems are told; nothing is written once there is one. */
function freeId(scope: IConstruct, id: string): string {
  const base = `${String(id)}~`;
  let count = 1;
  while (scope.node.tryFindChild(`${base}${count}`) !== undefined) count += 1;
  return `${base}${count}`;
}
