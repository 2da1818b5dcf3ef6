import { AshlarError } from '../../constructs/model/error';
import { displayNameOf, keyOfManifest, type KubeObject } from '../../constructs/model/kube-object';
import type { Plan, PlannedObject } from '../../constructs/model/plan';
import type { ClusterClient } from './client';
import { whyNotReady } from './readiness';
import { SecretsOfPlan } from './secrets-of-plan';
import { until } from './until';
import { refused, type Verdict } from './verdict';

/** How a plan, or a list of objects, is applied. */
export interface ApplyOptions {
  /**
   * `given`: one after the other, as they stand. `dependencies`: each as soon as what it depends on is ready, many at a
   * time; a plain manifest depends on nothing. Neither tries anything twice. @defaultValue 'given'
   */
  readonly order?: 'given' | 'dependencies';
  /** Whether to wait, at the end, until all objects are ready. @defaultValue true where controllers run */
  readonly wait?: boolean;
  /** Milliseconds that each object has to get ready. @defaultValue 60000 */
  readonly withinMs?: number;
  /** Takes fields over from other managers instead of a conflict (409). @defaultValue false */
  readonly force?: boolean;
  /** `throw` one error that names all refused objects, or `return` them with the others. @defaultValue 'throw' */
  readonly refusals?: 'throw' | 'return';
}

/** What became of one object that was applied. */
export interface Applied {
  /** The object as it was sent. */
  readonly manifest: KubeObject;
  /** `unchanged` where the server stored nothing new, its status and times apart. */
  readonly outcome: 'created' | 'changed' | 'unchanged' | 'refused';
  /** What the API server said. */
  readonly verdict: Verdict;
}

/** What can be applied: a plan, some of its objects, or manifests. */
export type Appliable = Plan | readonly (PlannedObject | KubeObject)[];

/** How objects are applied through a client. */
interface ApplyAllOptions extends ApplyOptions {
  /** Whether what is applied gets ready by itself. */
  readonly controllers: boolean;
  /** What the plan of the objects needs besides. @defaultValue nothing */
  readonly prerequisites?: Plan['prerequisites'];
}

/** Applies objects through a client, and a plan's generated Secrets as soon as their namespace is there. */
export async function applyAll(
  client: ClusterClient,
  objects: readonly (PlannedObject | KubeObject)[],
  options: ApplyAllOptions,
): Promise<readonly Applied[]> {
  const { order = 'given', wait = options.controllers, refusals = 'throw', prerequisites = [] } = options;
  const run = order === 'given' ? inGivenOrder : byDependencies;
  const secrets = await SecretsOfPlan.of(client, prerequisites);
  const applied = await run(objects, client, { ...options, applied: (manifest) => secrets.makeIn(manifest) });
  const bad = applied.filter(({ outcome }) => outcome === 'refused');
  if (bad.length > 0 && refusals === 'throw') throw allRefused(bad);
  if (wait) await Promise.all(applied.map((one) => ready(client, one, options)));
  return applied;
}

type Run = (
  objects: readonly (PlannedObject | KubeObject)[],
  client: ClusterClient,
  options: RunOptions,
) => Promise<readonly Applied[]>;

interface RunOptions extends ApplyAllOptions {
  /** Called with each object once it is stored. */
  readonly applied: (manifest: KubeObject) => Promise<void>;
}

const inGivenOrder: Run = async (objects, client, options) => {
  const applied: Applied[] = [];
  for (const object of objects) applied.push(await applyOne(client, manifestOf(object), options));
  return applied;
};

const byDependencies: Run = async (objects, client, options) => {
  const done = new Map<string, Promise<Applied>>();
  const visit = async (object: PlannedObject | KubeObject): Promise<Applied> => {
    const manifest = manifestOf(object);
    if (isPlanned(object)) {
      for (const { on } of object.dependsOn) {
        const before = await done.get(on.key);
        if (before === undefined) continue;
        if (before.outcome === 'refused') return heldBack(manifest, before.manifest);
        if (on.hints.skipAwait !== true) await ready(client, before, options);
      }
    }
    return applyOne(client, manifest, options);
  };
  for (const object of objects) done.set(keyOfManifest(manifestOf(object)), visit(object));
  return Promise.all(done.values());
};

async function applyOne(client: ClusterClient, manifest: KubeObject, options: RunOptions): Promise<Applied> {
  const { force = false } = options;
  try {
    const before = await client.get(manifest);
    const verdict = await client.applyObject(manifest, { force });
    if (verdict.accepted) await options.applied(manifest);
    return { manifest, verdict, outcome: outcomeOf(before, verdict) };
  } catch (error) {
    if (error instanceof AshlarError && error.code === 'unknown-kind') return unknown(manifest, error.message);
    throw error;
  }
}

function outcomeOf(before: KubeObject | undefined, { object }: Verdict): Applied['outcome'] {
  if (object === undefined) return 'refused';
  if (before === undefined) return 'created';
  return said(before) === said(object) ? 'unchanged' : 'changed';
}

/** What an object says, without what controllers note in it at any moment. */
function said({ metadata, status, ...rest }: KubeObject): string {
  const { resourceVersion, managedFields, ...kept } = metadata;
  return JSON.stringify([kept, rest]);
}

function unknown(manifest: KubeObject, message: string): Applied {
  const verdict: Verdict = { accepted: false, status: 404, reason: 'NotFound', message, warnings: [] };
  return { manifest, verdict, outcome: 'refused' };
}

function heldBack(manifest: KubeObject, on: KubeObject): Applied {
  const message = `not sent: ${displayNameOf(on)}, which it depends on, was refused`;
  const verdict: Verdict = { accepted: false, status: 0, reason: 'HeldBack', message, warnings: [] };
  return { manifest, verdict, outcome: 'refused' };
}

async function ready(
  client: ClusterClient,
  { manifest, outcome }: Applied,
  { withinMs = 60_000, controllers }: ApplyOptions & { readonly controllers: boolean },
): Promise<void> {
  if (outcome === 'refused') return;
  const answer = async (): Promise<true> => {
    const stored = await client.get(manifest);
    const why = stored === undefined ? 'it is gone' : whyNotReady(stored, controllers);
    if (why !== undefined) throw new Error(why);
    return true;
  };
  await until(answer, { withinMs, what: `${displayNameOf(manifest)} to get ready` });
}

function allRefused(bad: readonly Applied[]): AshlarError {
  const errors = bad.map(({ verdict, manifest }) => refused(verdict, 'apply', manifest));
  return new AshlarError(...errors.flatMap((error) => error.findings));
}

function isPlanned(object: PlannedObject | KubeObject): object is PlannedObject {
  return 'manifest' in object && 'dependsOn' in object;
}

function manifestOf(object: PlannedObject | KubeObject): KubeObject {
  return isPlanned(object) ? object.manifest : object;
}
