import { isToken } from '../constructs/model/deferred';
import { policy, type PolicyFinding, type PolicyPiece } from '../constructs/model/extension';
import { SchemaChecker } from './schema/check';

/** Every object fits the closed schema of its kind in the target version: an unknown field is an error. */
export function schemaPolicy(definitions: readonly object[]): PolicyPiece {
  return policy('schema', function* (objects, graph): Iterable<PolicyFinding> {
    const planned = objects.filter(({ manifest }) => manifest.kind === 'CustomResourceDefinition');
    const checker = new SchemaChecker({
      version: graph.environment.kubernetes,
      definitions: [...definitions, ...planned.map(({ manifest }) => manifest)],
      isPlaceholder: isToken,
    });
    for (const on of objects) {
      const problems = checker.check(on.manifest);
      for (const problem of problems) yield { on, ...problem };
      const { apiVersion, kind, metadata } = on.manifest;
      if (metadata.namespace === undefined && checker.isNamespaced(apiVersion, kind) === true)
        yield { on, ...nowhere(kind) };
    }
  });
}

function nowhere(kind: string): Omit<PolicyFinding, 'on'> {
  return {
    code: 'missing-namespace',
    message: `A ${kind} lives in a namespace, and this one names none: it would land in whichever is current.`,
    field: '/metadata/namespace',
    got: 'none',
    allowed: 'a namespace',
    fix: 'Create it in a bounded context, or name the namespace in the manifest.',
  };
}
