/**
 * Checks finished objects against closed schemas, offline: every field is known to the server of the target version
 * and holds what it may hold, and what the server would refuse for other reasons is found too. Whatever passes here
 * and is refused by a server nevertheless is a gap to fill, so the check leans to strictness where the server does.
 */
import type { Problem } from '../../constructs/model/finding';
import { saysSecret } from '../../constructs/model/secrecy';
import { accepts } from './accept';
import { definitionTables } from './definitions';
import { NEVER, tableApiVersion, tableName, type TableCode } from './encoding';
import { Explainer } from './explain';
import { NodeStore, type SchemaNode } from './node';
import { nearest, oneOf, print } from './print';
import { Rules } from './rules';
import { loadTables, type SchemaTables } from './tables';
import { SUPPORTED_VERSIONS } from './versions';

export { SUPPORTED_VERSIONS };

/** What a checker is made with. */
export interface SchemaCheckerOptions {
  /** Target version of Kubernetes, one of `SUPPORTED_VERSIONS`. */
  readonly version: string;
  /** CustomResourceDefinition manifests of kinds that Ashlar does not know. They win over what it knows. */
  readonly definitions?: readonly object[];
  /** Whether a text stands for a value that is not known yet; such a text is accepted wherever a value may be. */
  readonly isPlaceholder?: (text: string) => boolean;
}

/** What all objects of a kind are checked with. */
interface CheckedType {
  readonly node: SchemaNode;
  readonly rules: Rules;
  /** Minor version that serves the kind first. */
  readonly since: number;
  /** Whether its data must not be printed. */
  readonly secret: boolean;
}

const NO_PROBLEMS: readonly Problem[] = Object.freeze([]);

/** Checks any number of objects for one target version. */
export class SchemaChecker {
  private readonly store: NodeStore;
  private readonly tables: SchemaTables;
  private readonly added: ReadonlyMap<string, TableCode>;
  private readonly merged = new Map<string, TableCode>();
  private readonly types = new Map<string, Map<string, CheckedType>>();
  private readonly malformed: readonly Problem[];
  private readonly minor: number;

  /** Throws where the version is not supported, or the tables were not built. */
  constructor(private readonly options: SchemaCheckerOptions) {
    if (!SUPPORTED_VERSIONS.includes(options.version)) {
      throw new Error(`expected a Kubernetes version among ${SUPPORTED_VERSIONS.join(', ')}, got ${options.version}`);
    }
    this.minor = Number(options.version.slice(2));
    this.tables = loadTables();
    const { tables, problems } = definitionTables(options.definitions ?? []);
    this.added = tables;
    this.malformed = problems;
    this.store = new NodeStore({ table: (name) => this.table(name) }, this.minor);
  }

  /** What is wrong with the definitions that were added; empty where nothing is. */
  get definitionProblems(): readonly Problem[] {
    return this.malformed;
  }

  /** All problems of one object; empty, and always the same empty list, where there is none. */
  check(manifest: object): readonly Problem[] {
    const { apiVersion, kind } = manifest as { readonly apiVersion?: unknown; readonly kind?: unknown };
    if (!isText(apiVersion) || !isText(kind)) return [typeless(manifest)];
    const type = this.typeOf(apiVersion, kind);
    if (type === undefined) return [this.unknownKind(apiVersion, kind)];
    const bySchema = accepts(type.node, manifest) ? NO_PROBLEMS : this.explain(type, manifest);
    const byRule = type.rules.check(manifest as Readonly<Record<string, unknown>>);
    if (bySchema.length + byRule.length === 0 && type.since <= this.minor) return NO_PROBLEMS;
    const served = type.since <= this.minor ? NO_PROBLEMS : [this.notServed(apiVersion, kind, type.since)];
    return this.withoutPlaceholders(manifest, [...served, ...bySchema, ...byRule]);
  }

  /** Whether a kind lives in namespaces; `undefined` for a kind that is not known. */
  isNamespaced(apiVersion: string, kind: string): boolean | undefined {
    const entry = this.store.kind(tableName(apiVersion), kind);
    return entry === undefined ? undefined : entry[0] === 1;
  }

  /** What the objects of a kind are checked with; `undefined` for a kind that is not known. */
  private typeOf(apiVersion: string, kind: string): CheckedType | undefined {
    let kinds = this.types.get(apiVersion);
    if (kinds === undefined) this.types.set(apiVersion, (kinds = new Map<string, CheckedType>()));
    const known = kinds.get(kind);
    if (known !== undefined) return known;
    const table = tableName(apiVersion);
    const entry = this.store.kind(table, kind);
    if (entry === undefined) return undefined;
    const [namespaced, since = 0] = entry;
    const type = `${table}/${kind}`;
    const rules = new Rules({ type, namespaced: namespaced === 1, minor: this.minor });
    const made = { node: this.store.definition(table, kind), rules, since, secret: type === 'core_v1/Secret' };
    kinds.set(kind, made);
    return made;
  }

  private table(name: string): TableCode | undefined {
    const own = this.added.get(name);
    if (own === undefined) return this.tables.table(name);
    let merged = this.merged.get(name);
    if (merged === undefined) {
      const known = this.tables.table(name);
      merged =
        known === undefined ? own : { kinds: { ...known.kinds, ...own.kinds }, defs: { ...known.defs, ...own.defs } };
      this.merged.set(name, merged);
    }
    return merged;
  }

  private explain({ node, secret }: CheckedType, manifest: object): readonly Problem[] {
    const isSecret = (pointer: string): boolean =>
      (secret && /^\/(data|stringData)\//.test(pointer)) || saysSecret(nameAt(manifest, pointer));
    const explainer = new Explainer(this.options.version, isSecret);
    explainer.explain(node, manifest, '');
    return explainer.problems;
  }

  private notServed(apiVersion: string, kind: string, since: number): Problem {
    const preview = since === NEVER;
    return {
      code: preview ? 'kind-not-served-by-default' : 'kind-needs-newer-kubernetes',
      ...(preview ? { severity: 'warning' as const } : {}),
      message: preview
        ? `${apiVersion} ${kind} is a preview that a default server does not serve`
        : `${apiVersion} ${kind} is served from Kubernetes 1.${since} on, and the target is ${this.options.version}`,
      field: '/apiVersion',
      got: apiVersion,
      allowed: `kinds that a default server of ${this.options.version} serves`,
      fix: preview
        ? 'switch on the API version in the cluster'
        : `raise the Kubernetes version of the environment to 1.${since}`,
    };
  }

  private unknownKind(apiVersion: string, kind: string): Problem {
    const versions = [...this.tables.versionsOf(kind), ...this.addedVersions(kind)];
    const near = versions.length > 0 ? undefined : nearest(kind, this.tables.allKinds());
    const meant =
      versions.length > 0
        ? `write apiVersion ${oneOf(versions)}`
        : near === undefined
          ? undefined
          : `write ${near} (${oneOf(this.tables.versionsOf(near))}) if that is what you mean`;
    const add = 'add the CustomResourceDefinition of the kind to the schema definitions';
    return {
      code: 'unknown-kind',
      message: `there is no schema for ${apiVersion} ${kind}`,
      field: '/kind',
      got: `${apiVersion} ${kind}`,
      allowed: 'kinds that Kubernetes serves, that Ashlar knows or whose definition is added',
      fix: meant === undefined ? add : `${meant}; for a kind of your own ${add}`,
    };
  }

  private addedVersions(kind: string): string[] {
    return [...this.added]
      .filter(([, table]) => Object.hasOwn(table.kinds, kind))
      .map(([name]) => tableApiVersion(name));
  }

  private withoutPlaceholders(manifest: object, problems: readonly Problem[]): readonly Problem[] {
    const isPlaceholder = this.options.isPlaceholder;
    if (isPlaceholder === undefined) return problems;
    return problems.filter((problem) => {
      const value = problem.field === undefined ? undefined : valueAt(manifest, problem.field);
      return typeof value !== 'string' || !isPlaceholder(value);
    });
  }
}

function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const name of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return value;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function typeless(manifest: object): Problem {
  const { apiVersion, kind } = manifest as { readonly apiVersion?: unknown; readonly kind?: unknown };
  return {
    code: 'missing-type',
    message: 'an object must say its apiVersion and its kind',
    field: typeof apiVersion === 'string' && apiVersion !== '' ? '/kind' : '/apiVersion',
    got: `apiVersion ${print(apiVersion)}, kind ${print(kind)}`,
    allowed: 'two texts, as apps/v1 and Deployment',
    fix: 'add apiVersion and kind',
  };
}

/** What the value at a pointer goes by: its field, or the name that stands beside it. */
function nameAt(manifest: object, pointer: string): string {
  const steps = pointer.split('/').slice(1);
  const field = steps.pop() ?? '';
  if (field !== 'value') return field;
  const beside = steps.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], manifest);
  const { name } = Object(beside) as { readonly name?: unknown };
  return typeof name === 'string' ? name : '';
}
