import { isDeepStrictEqual } from 'node:util';
import type { NeededBy, PrerequisitePiece } from './extension';
import type { Finding } from './finding';
import type { Graph } from './graph';
import { byKey, byText, groupBy } from './order';
import {
  keyOfPrerequisite,
  type Prerequisite,
  type ReleasePrerequisite,
  type SecretPrerequisite,
} from './prerequisite';

type Needed = ReleasePrerequisite | SecretPrerequisite;

/**
 * What has to be there before the plan, each once, with everybody who needs it. Of one release there is one in a cluster,
 * so two that differ are a finding.
 */
export function prerequisitesOf(
  graph: Graph,
  pieces: readonly PrerequisitePiece[],
  report: (finding: Finding) => void,
): readonly Prerequisite[] {
  const all = pieces.flatMap((piece) => [...piece.run(graph)]);
  const same = [...groupBy(all, ({ needs }) => keyOfPrerequisite(needs))].sort(byKey(([key]) => key));
  return same.map(([, said]) => {
    const paths = [...new Set(said.map(({ at }) => at.node.path))].sort(byText);
    return { ...one(said, report), for: paths };
  });
}

/** What several sayings mean: the same, whatever their order was. */
function one(said: readonly NeededBy[], report: (finding: Finding) => void): Needed {
  const [first, ...others] = distinct(said) as [NeededBy, ...NeededBy[]];
  return others.reduce<Needed>((joined, other) => {
    if (joined.type === 'secret' && other.needs.type === 'secret') return withKeys(joined, other.needs);
    report(conflict(first, other));
    return joined;
  }, first.needs);
}

/** Most say the same; only what differs is sorted. */
function distinct(said: readonly NeededBy[]): readonly NeededBy[] {
  const [first] = said;
  const others = said.filter(({ needs }) => !isDeepStrictEqual(needs, first?.needs));
  if (first === undefined || others.length === 0) return said.slice(0, 1);
  const byContent = new Map([...said].reverse().map((one) => [JSON.stringify(one.needs), one]));
  return [...byContent].sort(byKey(([content]) => content)).map(([, one]) => one);
}

/** Several constructs may each need some keys of one Secret. */
function withKeys(one: SecretPrerequisite, other: SecretPrerequisite): SecretPrerequisite {
  return { ...one, keys: { ...one.keys, ...other.keys }, generated: one.generated && other.generated };
}

function conflict(one: NeededBy, other: NeededBy): Finding {
  const fields = [...new Set([...Object.keys(one.needs), ...Object.keys(other.needs)])];
  const of = ({ needs }: NeededBy, field: string): unknown => (needs as unknown as Record<string, unknown>)[field];
  const different = fields.filter((field) => !isDeepStrictEqual(of(one, field), of(other, field)));
  const print = (by: NeededBy, field: string): string =>
    `${JSON.stringify(of(by, field)) ?? 'nothing'} by ${by.at.node.path}`;
  return {
    code: 'prerequisite-conflict',
    severity: 'error',
    path: other.at.node.path,
    message: `${keyOfPrerequisite(one.needs)} is wanted in two ways, and a cluster has one of it.`,
    field: different.join(', '),
    got: different.map((field) => `${field}: ${print(one, field)} or ${print(other, field)}`).join('; '),
    allowed: 'one version, one namespace and the same values',
    fix: 'Choose back ends, or options of back ends, that agree.',
  };
}
