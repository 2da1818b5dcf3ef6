import type { KubeObject } from '../../constructs/model/kube-object';
import type { AshlarError } from '../../constructs/model/error';
import type { ApiAnswer, Connection } from './connection';
import { clusterError } from './problems';

/** What the API server says about a kind. */
interface Kind {
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Kinds of one apiVersion by name. */
type Kinds = ReadonlyMap<string, Kind>;

/** Which object is meant: a manifest will do. */
export interface ObjectId {
  /** `apps/v1`. */
  readonly apiVersion: string;
  /** `Deployment`. */
  readonly kind: string;
  /** Its name, and its namespace where its kind wants one (default: `default`). */
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
}

/** Where the API server keeps objects, by its own discovery. Asked once an apiVersion, and again for a kind it lacked. */
export class KindIndex {
  private readonly known = new Map<string, Promise<Kinds>>();

  constructor(private readonly connection: Connection) {}

  /** Path of a collection: of one namespace, or of all where none is given. */
  async collection(apiVersion: string, kind: string, namespace?: string): Promise<string> {
    const { plural, namespaced } = await this.find(apiVersion, kind);
    const scope = namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
    return `${rootOf(apiVersion)}${scope}/${plural}`;
  }

  /** Path of an object; one without a namespace where its kind wants one is in `default`. */
  async object({ apiVersion, kind, metadata }: ObjectId): Promise<string> {
    const collection = await this.collection(apiVersion, kind, metadata.namespace ?? 'default');
    return `${collection}/${metadata.name}`;
  }

  /** True where objects of the kind live in namespaces. */
  async isNamespaced({ apiVersion, kind }: KubeObject | ObjectId): Promise<boolean> {
    return (await this.find(apiVersion, kind)).namespaced;
  }

  private async find(apiVersion: string, kind: string): Promise<Kind> {
    const kept = this.known.get(apiVersion);
    const found = (await kept)?.get(kind);
    if (found !== undefined) return found;
    // Somebody else may be asking again at this moment.
    const current = this.known.get(apiVersion);
    const asked = current === kept || current === undefined ? this.ask(apiVersion) : current;
    this.known.set(apiVersion, asked);
    const answer = (await asked).get(kind);
    if (answer === undefined) throw unknownKind(apiVersion, kind);
    return answer;
  }

  private async ask(apiVersion: string): Promise<Kinds> {
    return kindsOf(await this.connection.send({ path: rootOf(apiVersion) }));
  }
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function kindsOf({ status, body }: ApiAnswer): Kinds {
  if (status !== 200) return new Map();
  const { resources } = body as { resources: { name: string; kind: string; namespaced: boolean }[] };
  const whole = resources.filter(({ name }) => !name.includes('/'));
  return new Map(whole.map(({ name, kind, namespaced }) => [kind, { plural: name, namespaced }]));
}

function unknownKind(apiVersion: string, kind: string): AshlarError {
  return clusterError({
    code: 'unknown-kind',
    path: `${apiVersion} ${kind}`,
    message: 'The API server does not know this kind.',
    got: `${apiVersion} ${kind}`,
    allowed: 'a built-in kind of its version, or one whose definition is installed',
    fix: 'Start the cluster with crds: true, or apply the definition first.',
  });
}
