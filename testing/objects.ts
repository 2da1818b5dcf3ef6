import { toYaml } from '../constructs/model/yaml';
import { displayNameOf, type KubeObject } from '../constructs/model/kube-object';
import { shownManifest } from '../constructs/model/shown';
import type { Plan } from '../constructs/model/plan';
import { nearest } from '../policies/schema/print';
import { listed } from './ends';
import type { MatcherContext } from './context';

/** The object that is looked for. */
export interface WantedObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** `orders`, or `ordering/orders`. */
  readonly name: string;
  /** Part of the manifest. */
  readonly fields: object | undefined;
}

/** Whether it is there. */
export interface ObjectAnswer {
  readonly found: boolean;
  /** For people; made when asked for. */
  explain(): string;
}

/** Looks for an object in a plan. */
export function lookForObject(plan: Plan, wanted: WantedObject, context: MatcherContext): ObjectAnswer {
  const manifests = plan.objects.map(({ manifest }) => manifest);
  const ofKind = manifests.filter(({ kind }) => kind === wanted.kind);
  const ofName = ofKind.filter((manifest) => hasName(manifest, wanted.name));
  const candidates = ofName.filter(({ apiVersion }) => apiVersion === wanted.apiVersion);
  if (candidates.length === 0) return { found: false, explain: () => missing(manifests, ofKind, ofName, wanted) };
  const fitting = candidates.filter((manifest) => fits(context, manifest, wanted.fields));
  if (fitting.length > 0) return { found: true, explain: () => `The plan has it.${fitting.map(documentOf).join('')}` };
  return {
    found: false,
    explain: () => candidates.map((manifest) => difference(context, manifest, wanted.fields ?? {})).join('\n\n'),
  };
}

function hasName({ metadata: { namespace, name } }: KubeObject, wanted: string): boolean {
  return wanted === name || wanted === `${namespace ?? ''}/${name}`;
}

function fits({ equals, utils }: MatcherContext, manifest: KubeObject, fields: object | undefined): boolean {
  const testers = [utils.iterableEquality, utils.subsetEquality] as never[];
  return fields === undefined || equals(manifest, fields, testers);
}

function documentOf(manifest: KubeObject): string {
  return `\n\n# ${displayNameOf(manifest)}\n${toYaml(shownManifest(manifest)).trimEnd()}`;
}

function missing(
  all: readonly KubeObject[],
  ofKind: readonly KubeObject[],
  ofName: readonly KubeObject[],
  { apiVersion, kind, name }: WantedObject,
): string {
  const said = `The plan has no ${apiVersion} ${kind} called ${name}.`;
  const [other] = ofName;
  if (other !== undefined) return `${said} ${displayNameOf(other)} is there as ${other.apiVersion}.`;
  if (ofKind.length === 0) return `${said} It has nothing of that kind. ${kindsText(all, kind)}`;
  const names = ofKind.map(shortNameOf);
  const withoutNamespace = ofKind.map(({ metadata }) => metadata.name);
  const near = nearest(name, names) ?? names[withoutNamespace.indexOf(nearest(lastPart(name), withoutNamespace) ?? '')];
  return `${said}${near === undefined ? '' : ` Is it ${near}?`}\nIt has: ${listed(names)}`;
}

function kindsText(all: readonly KubeObject[], kind: string): string {
  const kinds = [...new Set(all.map((manifest) => manifest.kind))].sort();
  const near = nearest(kind, kinds);
  return `${near === undefined ? '' : `Is it ${near}? `}Kinds: ${listed(kinds)}`;
}

function shortNameOf({ metadata: { namespace, name } }: KubeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** The difference in what was asked for; the rest of a Deployment would hide it. */
function difference(context: MatcherContext, manifest: KubeObject, fields: object): string {
  const text = context.utils.diff(fields, partOf(context, shownManifest(manifest), fields), {
    aAnnotation: 'Expected',
    bAnnotation: 'In the plan',
  });
  return `${displayNameOf(manifest)} is there, but differs:\n\n${text ?? ''}`;
}

/** The fields of a value that are also in a pattern. Lists keep all their items, because their length counts. */
function partOf(context: MatcherContext, value: unknown, pattern: unknown): unknown {
  // What an asymmetric matcher admits is no difference.
  if (isRecord(pattern) && '$$typeof' in pattern) return context.equals(value, pattern) ? pattern : value;
  if (Array.isArray(value) && Array.isArray(pattern)) {
    return value.map((item, index) => partOf(context, item, pattern[index]));
  }
  if (!isRecord(value) || !isRecord(pattern)) return value;
  const shared = Object.keys(pattern).filter((key) => key in value);
  return Object.fromEntries(shared.map((key) => [key, partOf(context, value[key], pattern[key])]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
