import { isToken } from '../constructs/model/deferred';
import { policy, type PolicyFinding } from '../constructs/model/extension';
import type { KubeObject } from '../constructs/model/kube-object';
import type { PlannedObject } from '../constructs/model/plan';
import { podTemplateOf, podTemplatePath } from '../constructs/model/references';
import { HIDDEN, isSecret, isSecretArgument, looksSecret } from '../constructs/model/secrecy';

interface Container {
  readonly name: string;
  readonly image?: unknown;
  readonly command?: readonly unknown[];
  readonly args?: readonly unknown[];
  readonly env?: readonly { readonly name: string; readonly value?: unknown }[];
}

interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
}

/**
 * A secret is no text of a manifest: whoever reads the repository, a pull request or the cluster's objects would have
 * it. What says by its name that it is one, or has the form of one, is found; its value is never told.
 */
export const secretsPolicy = policy('secrets', function* (objects): Iterable<PolicyFinding> {
  for (const on of objects) {
    const { manifest } = on;
    if (manifest.apiVersion === 'v1' && manifest.kind === 'ConfigMap') yield* ofConfigMap(on);
    else if (manifest.apiVersion === 'v1' && manifest.kind === 'Secret') yield* ofSecret(on);
    else if (podTemplatePath(manifest) !== undefined) yield* ofPod(on);
  }
});

function* ofConfigMap(on: PlannedObject): Iterable<PolicyFinding> {
  for (const [key, value] of Object.entries(dataOf(on.manifest, 'data'))) {
    if (typeof value === 'string' && isSecret(key, value)) yield found(on, `/data/${key}`, `the entry ${key}`);
  }
}

/** A Secret of the plan is written into the repository, in base64 or not. What is only known later is not. */
function* ofSecret(on: PlannedObject): Iterable<PolicyFinding> {
  for (const field of ['data', 'stringData']) {
    for (const [key, value] of Object.entries(dataOf(on.manifest, field))) {
      if (isToken(value) || value === '') continue;
      yield {
        on,
        code: 'secret-in-manifest',
        message: 'The value of a Secret would be written in plain sight: base64 hides nothing.',
        field: `/${field}/${key}`,
        got: `a text ${HIDDEN}`,
        allowed: 'a Secret that is made outside the repository',
        fix: 'Describe it with new Secret(...), which says where each value comes from, or accept the finding with a reason.',
      };
    }
  }
}

function* ofPod(on: PlannedObject): Iterable<PolicyFinding> {
  const spec = podTemplateOf(on.manifest)?.['spec'] as PodSpec | undefined;
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [index, container] of (spec?.[list] ?? []).entries()) {
      yield* ofContainer(on, container, () => `${pointerOf(on.manifest)}/spec/${list}/${index}`);
    }
  }
}

function* ofContainer(on: PlannedObject, container: Container, at: () => string): Iterable<PolicyFinding> {
  for (const [index, { name, value }] of (container.env ?? []).entries()) {
    if (typeof value === 'string' && isSecret(name, value)) {
      yield found(on, `${at()}/env/${index}/value`, `the variable ${name} of ${container.name}`);
    }
  }
  if (typeof container.image === 'string' && looksSecret(container.image)) {
    yield found(on, `${at()}/image`, `the image of ${container.name}`);
  }
  for (const field of ['command', 'args'] as const) {
    for (const index of secretsAmong(container[field])) {
      yield found(on, `${at()}/${field}/${index}`, `an argument of ${container.name}`);
    }
  }
}

/** Places of the arguments that are secrets. */
function secretsAmong(texts: readonly unknown[] = []): readonly number[] {
  return texts.flatMap((text, index) => (typeof text === 'string' && isSecretArgument(text) ? [index] : []));
}

function dataOf(manifest: KubeObject, field: string): Readonly<Record<string, unknown>> {
  return (manifest[field] as Readonly<Record<string, unknown>> | null | undefined) ?? {};
}

function pointerOf(manifest: KubeObject): string {
  return (podTemplatePath(manifest) ?? []).map((step) => `/${step}`).join('');
}

function found(on: PlannedObject, field: string, what: string): PolicyFinding {
  return {
    on,
    code: 'secret-in-env',
    message: `It looks as if ${what} held a secret in plain text.`,
    field,
    got: `a text ${HIDDEN}`,
    allowed: 'a reference to a Secret',
    fix: 'Take it from a Secret: payments.reads(secret, { env: { ... } }); or accept the finding with a reason if it is none.',
  };
}
