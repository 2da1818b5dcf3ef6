import { hasTokens } from '../constructs/model/deferred';
import { policy, type PolicyFinding } from '../constructs/model/extension';
import type { KubeObject } from '../constructs/model/kube-object';
import type { PlannedObject } from '../constructs/model/plan';
import { objectsWithPods, podTemplatePath, type WithPod } from '../constructs/model/references';
import { HIDDEN, isSecret, isSecretArgument, looksSecret } from '../constructs/model/secrecy';
import { foundRight, isRight } from '../constructs/model/shared';

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
export const secretsPolicy = policy('secrets', (objects): Iterable<PolicyFinding> => {
  // Nearly always empty, and every text of every object is looked at: no generators here.
  const findings: PolicyFinding[] = [];
  for (const on of objects) {
    const { apiVersion, kind } = on.manifest;
    if (apiVersion === 'v1' && kind === 'ConfigMap') addOfConfigMap(on, findings);
    if (apiVersion === 'v1' && kind === 'Secret') addOfSecret(on, findings);
  }
  for (const pod of objectsWithPods(objects)) addOfPod(pod, findings);
  return findings;
});

function addOfConfigMap(on: PlannedObject, findings: PolicyFinding[]): void {
  const data = dataOf(on.manifest, 'data');
  for (const key in data) {
    const value = data[key];
    if (typeof value === 'string' && isSecret(key, value)) findings.push(found(on, `/data/${key}`, `the entry ${key}`));
  }
}

/** A Secret of the plan is written into the repository, in base64 or not. What is only known later is not. */
function addOfSecret(on: PlannedObject, findings: PolicyFinding[]): void {
  for (const field of ['data', 'stringData']) {
    for (const [key, value] of Object.entries(dataOf(on.manifest, field))) {
      if (value !== '' && !hasTokens(value)) findings.push(inSecret(on, `/${field}/${key}`));
    }
  }
}

function addOfPod({ on, template }: WithPod, findings: PolicyFinding[]): void {
  const spec = template['spec'] as PodSpec | undefined;
  for (const list of LISTS) {
    spec?.[list]?.forEach((container, index) => {
      for (const [at, what] of secretsIn(container)) {
        const field = `${pointerOf(on.manifest)}/spec/${list}/${index}${at}`;
        findings.push(found(on, field, `${what} of ${container.name}`));
      }
    });
  }
}

const LISTS = ['initContainers', 'containers'] as const;

type Place = readonly [pointer: string, words: string];

/** Pointers to what is a secret in a container, and words for it. */
function secretsIn({ image, env, command, args }: Container): readonly Place[] {
  const places: Place[] = [];
  env?.forEach(({ name, value }, index) => {
    if (typeof value === 'string' && isSecret(name, value))
      places.push([`/env/${index}/value`, `the variable ${name}`]);
  });
  for (const index of secretsAmong(command)) places.push([`/command/${index}`, 'an argument']);
  for (const index of secretsAmong(args)) places.push([`/args/${index}`, 'an argument']);
  return isSecretImage(image) ? [...places, ['/image', 'the image']] : places;
}

function isSecretImage(image: unknown): boolean {
  return typeof image === 'string' && looksSecret(image);
}

/** Places of the arguments that are secrets. A script that many pods run is looked at once. */
function secretsAmong(texts: readonly unknown[] | undefined): readonly number[] {
  if (texts === undefined || isRight(texts, LISTS)) return NONE;
  const places = texts.flatMap((text, index) => (typeof text === 'string' && isSecretArgument(text) ? [index] : []));
  if (places.length === 0) foundRight(texts, LISTS);
  return places;
}

const NONE: readonly never[] = [];

function dataOf(manifest: KubeObject, field: string): Readonly<Record<string, unknown>> {
  return (manifest[field] as Readonly<Record<string, unknown>> | null | undefined) ?? {};
}

function pointerOf(manifest: KubeObject): string {
  return (podTemplatePath(manifest) ?? []).map((step) => `/${step}`).join('');
}

function inSecret(on: PlannedObject, field: string): PolicyFinding {
  return {
    on,
    code: 'secret-in-manifest',
    message: 'The value of a Secret would be written in plain sight: base64 hides nothing.',
    field,
    got: `a text ${HIDDEN}`,
    allowed: 'a Secret that is made outside the repository',
    fix: 'Describe it with new Secret(...), which says where each value comes from, or accept the finding with a reason.',
  };
}

function found(on: PlannedObject, field: string, what: string): PolicyFinding {
  return {
    on,
    code: 'secret-in-env',
    message: `It looks as if ${what} held a secret in plain text.`,
    field,
    got: `a text ${HIDDEN}`,
    allowed: 'a reference to a Secret',
    fix: 'Take it from a Secret: payments.reads(secret, { env: { ... } }). If it is none, accept the finding with a reason.',
  };
}
