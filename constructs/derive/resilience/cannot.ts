import type { IConstruct } from 'constructs';
import { namesOfAble } from '../../model/back-end';
import { rule, type RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { ABILITIES } from '../mesh/abilities';
import { MeshNeed, type MeshAbility } from '../mesh/mesh';
import { WantsToken } from '../tokens';
import { Admission } from './admission';
import { ClientLibrary } from './client-library';
import { shares, type Missing } from './shares';

/** Something that is asked for and that nobody does. */
interface Undone {
  readonly at: IConstruct;
  /** Who asks, and where. */
  readonly by: string;
  readonly missing: readonly Missing[];
  /** The library of the caller cannot do it either. @defaultValue it has none */
  readonly hasLibrary?: boolean;
}

/**
 * What is asked for and nobody does. Development goes on without it, and where it has no mesh at all one sentence tells
 * that of all calls: nobody meant it otherwise. Elsewhere each call is an error.
 */
export const cannot = rule('mesh.cannot', function* (graph): Iterable<RuleFinding> {
  const all = [...undone(graph)];
  const [first] = all;
  if (first === undefined) return;
  const isChosen = graph.environment.tier === 'development' && graph.backEnd(MeshNeed).can.size === 0;
  if (isChosen) yield inOneSentence(graph, all, first);
  else for (const one of all) yield told(graph, one);
});

function* undone(graph: Graph): Iterable<Undone> {
  const { can } = graph.backEnd(MeshNeed);
  for (const [{ from, source }, { missing, beyondLibraries }] of graph.view(shares)) {
    if (missing.length === 0) continue;
    const hasLibrary = graph.setting(ClientLibrary, from) !== 'none';
    const open = hasLibrary ? beyondLibraries : missing;
    if (open.length > 0) yield { at: from, by: `${source.by} at ${source.at}`, missing: open, hasLibrary };
  }
  for (const { construct } of graph.having(Admission)) {
    if (can.has('admission')) continue;
    yield { at: construct, by: `${construct.node.path}.admits`, missing: [{ ability: 'admission' }] };
  }
  for (const { construct } of graph.having(WantsToken)) {
    if (can.has('access-token')) continue;
    yield { at: construct, by: `${construct.node.path}.requires`, missing: [{ ability: 'access-token' }] };
  }
}

function inOneSentence(graph: Graph, all: readonly Undone[], first: Undone): RuleFinding {
  const { name } = graph.backEnd(MeshNeed);
  const counts = new Map<MeshAbility, number>();
  for (const { ability } of all.flatMap(({ missing }) => missing)) counts.set(ability, (counts.get(ability) ?? 0) + 1);
  const others = all.length === 1 ? '' : `, and ${all.length - 1} more`;
  return {
    at: graph.root,
    code: 'mesh-cannot',
    severity: 'warning',
    message: `The mesh ${name} does not do all that is asked for; development goes on without it.`,
    field: 'backEnds.mesh',
    got: `${[...counts].map(([ability, count]) => `${ability} (${count})`).join(', ')}: ${first.by}${others}`,
    allowed: meshesWith([...counts.keys()]),
    fix: 'Nothing, where development may do without. Otherwise choose one of them, or settings.clientLibrary.',
  };
}

function meshesWith(abilities: readonly MeshAbility[]): string {
  return namesOfAble(ABILITIES, abilities) || 'no mesh that is known';
}

/** What no library of the caller can do. */
const BY_MESH_ALONE: ReadonlySet<MeshAbility> = new Set(['admission', 'access-token', 'locality']);

function told(graph: Graph, { at, by, missing, hasLibrary = false }: Undone): RuleFinding {
  const { name, can } = graph.backEnd(MeshNeed);
  const abilities = missing.map(({ ability }) => ability);
  const differing = missing.flatMap(({ differs }) => (differs === undefined ? [] : [`other callers: ${differs}`]));
  const isOutside = abilities.includes('mutual-tls') && can.has('mutual-tls');
  return {
    at,
    code: 'mesh-cannot',
    severity: graph.environment.tier === 'development' ? 'warning' : 'error',
    message: isOutside
      ? 'The caller is outside the mesh, which does nothing for it.'
      : `The mesh ${name} does not do what is asked for: ${abilities.join(', ')}.`,
    field: 'backEnds.mesh',
    got: [by, ...differing].join('; '),
    allowed: isOutside ? 'callers in the mesh' : meshesWith(abilities),
    fix: fixFor(isOutside, hasLibrary || abilities.some((ability) => BY_MESH_ALONE.has(ability))),
  };
}

function fixFor(isOutside: boolean, isBeyondLibraries: boolean): string {
  const first = isOutside ? 'Bring the caller into the mesh' : 'Choose one of them for the environment';
  if (isBeyondLibraries) return `${first}, or take it out.`;
  return `${first}, or give the caller a library that does it: settings.clientLibrary.`;
}
