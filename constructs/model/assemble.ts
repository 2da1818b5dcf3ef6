import { byKey } from './order';
import type { IConstruct } from 'constructs';
import { adoptObjects } from './adopted';
import { applyPatches } from './apply-patches';
import { BackEnds, type BackEndPiece } from './back-end';
import { componentOf } from './component';
import { addDependency, connect, inOrder, inReadingOrder, type OpenObject } from './dependencies';
import type { Environment } from './environment';
import { expandAll } from './expansion';
import type { Derived, DerivePiece, Piece, PolicyPiece, PrerequisitePiece, RulePiece } from './extension';
import { isError, type Finding } from './finding';
import { settle } from './findings';
import { displayNameOf, keyOfManifest } from './kube-object';
import { leaveOut } from './leave-out';
import type { Plan, PlanCounts } from './plan';
import { prerequisitesOf } from './prerequisites';
import { recorderOf } from './recorder';
import { SealedGraph } from './sealed-graph';
import type { Graph } from './graph';
import type { Trace } from './setting';

/** What the making of a plan needs besides what was said. */
export interface AssembleOptions {
  readonly environment: Environment;
  readonly pieces: readonly Piece[];
  /** What is counted as a service and as a call. */
  readonly count: (graph: Graph) => PlanCounts;
  /** Notes which settings made which object, for `explain`. Slower. */
  readonly trace?: boolean;
  /** Today, `YYYY-MM-DD`, for acceptances that end. */
  readonly today: string;
}

/**
 * Seals the platform and makes its plan: expand, derive, patch, connect, check. Each step reads only what the steps
 * before it wrote.
 */
export function assemble(root: IConstruct, options: AssembleOptions): Plan {
  const { environment, pieces } = options;
  const recorder = recorderOf(root);
  const backEnds = new BackEnds(environment, ofKind<BackEndPiece>(pieces, 'backEnd'));
  expandAll(recorder, pieces, environment, backEnds);
  const constructs = root.node.findAll();
  adoptObjects(constructs);
  recorder.seal();
  // Constructs of cdk8s know no recorder; what they would add now would be lost in silence.
  root.node.lock();
  const findings: Finding[] = recorder.findings.filter((finding) => !isError(finding));
  const report = (finding: Finding): void => void findings.push(finding);
  leaveOut(environment, recorder, constructs, report);
  const graph = new SealedGraph(root, environment, recorder, pieces, backEnds, report);
  if (options.trace === true) graph.startTracing();

  const derived = inReadingOrder(deriveAll(graph, ofKind<DerivePiece>(pieces, 'derive'), report));
  applyPatches(derived, recorder.patches, environment.name, report);
  if (recorder.patches.length > 0) reportTwins(derived, report);
  connect(derived);
  connectConstructs(constructs, derived);
  const objects = inOrder(derived, ({ objects: cycle }) => report(cycleFinding(cycle)));
  for (const piece of ofKind<RulePiece>(pieces, 'rule')) {
    for (const { at, ...problem } of piece.run(graph)) report({ severity: 'error', ...problem, path: at.node.path });
  }
  const final = recorder.findings.filter(isError);
  const wrong = new Set(final.map(({ path }) => path));
  for (const piece of ofKind<PolicyPiece>(pieces, 'policy')) {
    for (const { on, ...problem } of piece.run(objects, graph)) {
      if (isWithin(on.construct, wrong)) continue;
      report({ severity: 'error', ...problem, path: on.construct, object: displayNameOf(on.manifest) });
    }
  }
  const prerequisites = prerequisitesOf(graph, ofKind<PrerequisitePiece>(pieces, 'prerequisite'), report);
  const settled = settle(findings, recorder.acceptances, options.today, final);
  const { holes, secrets } = recorder;
  const counts = options.count(graph);
  return { platform: root.node.id, environment, objects, prerequisites, ...settled, counts, holes, secrets };
}

/**
 * True for a construct that was told something wrong, or stands in one that was: what is found in its objects would
 * say the same once more for each of them.
 */
function isWithin(construct: string, wrong: ReadonlySet<string>): boolean {
  if (wrong.size === 0) return false;
  for (let end = construct.length; end > 0; end = construct.lastIndexOf('/', end - 1)) {
    if (wrong.has(construct.slice(0, end))) return true;
  }
  return false;
}

function ofKind<P extends Piece>(pieces: readonly Piece[], kind: P['piece']): readonly P[] {
  return pieces.filter((piece): piece is P => piece.piece === kind);
}

function deriveAll(
  graph: SealedGraph,
  pieces: readonly DerivePiece[],
  report: (finding: Finding) => void,
): OpenObject[] {
  const objects = new Map<string, OpenObject>();
  graph.takeTraces();
  for (const piece of pieces) {
    for (const derived of piece.run(graph)) {
      const object = planned(derived, piece.id, graph);
      const twin = objects.get(object.key);
      // Of two makers the one with the lesser name is kept, so that the order of derivations does not show.
      if (twin === undefined || makerOf(object) < makerOf(twin)) objects.set(object.key, object);
      if (twin !== undefined) report(duplicate(twin, object));
    }
  }
  return [...objects.values()];
}

const NONE: readonly never[] = [];
const NO_HINTS = {};

function planned({ scope, manifest, sources, hints }: Derived, derivation: string, graph: SealedGraph): OpenObject {
  return {
    manifest,
    key: keyOfManifest(manifest),
    construct: scope.node.path,
    chart: componentOf(scope).node.id,
    derivation,
    sources: sources ?? NONE,
    dependsOn: [],
    hints: hints ?? NO_HINTS,
    patches: NONE,
    settings: ownTraces(graph.takeTraces(), scope.node.path),
  };
}

/** What was read for others on the way, and gave no object, is not told. */
function ownTraces(traces: readonly Trace[], path: string): readonly Trace[] {
  return traces.length === 0 ? traces : traces.filter((trace) => isPart(trace.construct, path));
}

/** What a team said with `node.addDependency` between constructs holds between all of their objects. */
function connectConstructs(constructs: readonly IConstruct[], objects: readonly OpenObject[]): void {
  const within = ({ node }: IConstruct) =>
    objects.filter(({ construct }) => construct === node.path || construct.startsWith(`${node.path}/`));
  for (const construct of constructs) {
    const { dependencies } = construct.node;
    if (dependencies.length === 0) continue;
    const needed = dependencies.toSorted(byKey((other) => other.node.path));
    const own = within(construct);
    for (const other of needed) {
      // What both share can be on one side only: a part that waits for its whole waits for the rest of it.
      const others = within(other).filter((object) => !own.includes(object));
      const reason = `${construct.node.path} was told to come after ${other.node.path}`;
      for (const object of own) others.forEach((on) => addDependency(object, on, reason));
    }
  }
}

function isPart(construct: string, of: string): boolean {
  return construct === of || construct.startsWith(`${of}/`);
}

/** Two objects that patches gave one name. */
function reportTwins(objects: readonly OpenObject[], report: (finding: Finding) => void): void {
  const seen = new Map<string, OpenObject>();
  for (const object of objects) {
    const twin = seen.get(object.key);
    if (twin !== undefined) report(duplicate(twin, object));
    seen.set(object.key, object);
  }
}

function makerOf({ construct, derivation }: OpenObject): string {
  return `${construct} (${derivation})`;
}

function duplicate(one: OpenObject, other: OpenObject): Finding {
  const [first, second] = [one, other].sort(byKey(makerOf)) as [OpenObject, OpenObject];
  return {
    code: 'duplicate-object',
    severity: 'error',
    path: second.construct,
    object: displayNameOf(second.manifest),
    message: `Two constructs make ${displayNameOf(second.manifest)}.`,
    got: `${makerOf(first)} and ${makerOf(second)}`,
    allowed: 'one maker an object',
    fix: 'Rename one of the two constructs, or put it into another context.',
  };
}

function cycleFinding(cycle: readonly OpenObject['dependsOn'][number]['on'][]): Finding {
  const names = cycle.map((object) => displayNameOf(object.manifest));
  return {
    code: 'dependency-cycle',
    severity: 'error',
    path: cycle[0]?.construct ?? '',
    message: 'Objects need each other, so none of them can come first.',
    got: [...names, names[0]].join(' → '),
    allowed: 'an order',
    fix: 'Remove one of the dependencies that were added with node.addDependency.',
  };
}
