import type { IConstruct } from 'constructs';
import { view, type Graph } from '../../model/graph';
import { groupBy } from '../../model/order';
import { kindOfCaller, type Call } from '../callers';
import { Calls, portOfCall } from '../calls';
import { Endpoint } from '../endpoint';
import { MeshNeed, memberships, type MeshAbility } from '../mesh/mesh';
import type { ResilienceFacts } from './facts';

/** Who does what of a call's resilience. */
export interface ShareFacts {
  /** What the mesh does. */
  readonly mesh: ResilienceFacts;
  /** What it does not do: for the library of the caller, where it has one, and otherwise for nobody. */
  readonly rest: ResilienceFacts;
  /** Why it does not. */
  readonly missing: readonly Missing[];
  /** The same of what no library could do either. */
  readonly beyondLibraries: readonly Missing[];
}

/** Why a mesh does not do something. */
export interface Missing {
  readonly ability: MeshAbility;
  /** What somebody else asks of the same callee; undefined where that is not the reason. */
  readonly differs?: string;
}

type Field = Exclude<keyof ResilienceFacts, 'idempotent'>;

const FIELDS: readonly Field[] = [
  'timeoutMs',
  'retry',
  'circuitBreaker',
  'bulkhead',
  'loadBalancing',
  'locality',
  'failover',
  'fallback',
];

/** What a library cannot do: of the callee it sees one address, and not which pods stand behind it where. */
const BEYOND_LIBRARIES: ReadonlySet<Field> = new Set<Field>(['locality']);

/** What a mesh has to be able to do for a field. */
export function abilityOf(field: Field, { circuitBreaker }: ResilienceFacts): MeshAbility {
  switch (field) {
    case 'timeoutMs':
      return 'timeout';
    case 'circuitBreaker':
      if (circuitBreaker?.trials !== undefined) return 'half-open-trials';
      return circuitBreaker?.failureRate === undefined ? 'consecutive-errors' : 'failure-rate';
    case 'loadBalancing':
      return 'load-balancing';
    default:
      return field;
  }
}

/** The shares of all calls that ask for something. */
export const shares = view('resilience.shares', (graph: Graph): ReadonlyMap<Call, ShareFacts> => {
  const { can } = graph.backEnd(MeshNeed);
  const asking = graph.all(Calls).filter(({ facts }) => facts.resilience !== undefined);
  const wanted = can.has('settings-per-caller') ? undefined : wantedByPort(graph, asking);
  return new Map(
    asking.map((call) => {
      const { resilience = {} } = call.facts;
      return [call, shareOf(resilience, missingIn(graph, call, can, wanted?.get(portKey(graph, call))))];
    }),
  );
});

function portKey(graph: Graph, { to, facts }: Call): string {
  return `${to.node.path} ${portOfCall(graph.facts(to, Endpoint), facts)?.name ?? ''}`;
}

/** Of ports of which somebody asks for something. */
function wantedByPort(graph: Graph, asking: readonly Call[]): ReadonlyMap<string, Wanted> {
  const asked = new Set(asking.map(({ to }) => to));
  const calls = graph.all(Calls).filter(({ to }) => asked.has(to));
  const ports = groupBy(calls, (call) => portKey(graph, call));
  return new Map([...ports].map(([key, ofPort]) => [key, wantedBy(graph, ofPort)]));
}

/** How the callers of a port want a field. A gateway has limits of its own, and goes past; a test or a standby wants none. */
type Wanted = ReadonlyMap<Field, ReadonlySet<string>>;

function wantedBy(graph: Graph, calls: readonly Call[]): Wanted {
  const callers = calls.filter((call) => kindOfCaller(graph, call) === 'services');
  return new Map(FIELDS.map((field) => [field, new Set(callers.map(({ facts }) => asText(field, facts.resilience)))]));
}

/** Whether requests may arrive twice decides what is sent again, so it belongs to the retry. */
function asText(field: Field, resilience: ResilienceFacts | undefined): string {
  const value = resilience?.[field];
  if (value === undefined) return 'nothing';
  return JSON.stringify(field === 'retry' ? [value, resilience?.idempotent ?? false] : value);
}

function missingIn(
  graph: Graph,
  { from, to, facts: { resilience = {} } }: Call,
  can: ReadonlySet<MeshAbility>,
  wanted: Wanted | undefined,
): ReadonlyMap<Field, Missing> {
  const everywhere = outOfReach(graph, from, to, can);
  const asked = FIELDS.filter((field) => resilience[field] !== undefined);
  const missing = asked.flatMap((field): readonly (readonly [Field, Missing])[] => {
    const ability = abilityOf(field, resilience);
    if (!can.has(ability)) return [[field, { ability }]];
    if (everywhere !== undefined) return [[field, { ability: everywhere }]];
    const others = [...(wanted?.get(field) ?? [])].filter((text) => text !== asText(field, resilience));
    return others.length === 0 ? [] : [[field, { ability: 'settings-per-caller', differs: others.sort().join('; ') }]];
  });
  return new Map(missing);
}

/** Why the mesh sees nothing of a call at all. */
function outOfReach(
  graph: Graph,
  from: IConstruct,
  to: IConstruct,
  can: ReadonlySet<MeshAbility>,
): MeshAbility | undefined {
  const all = graph.view(memberships);
  if (all.get(from)?.inside !== true) return 'mutual-tls';
  return can.has('outside-hosts') || all.get(to)?.inside === true ? undefined : 'outside-hosts';
}

function shareOf(resilience: ResilienceFacts, missing: ReadonlyMap<Field, Missing>): ShareFacts {
  const asked = FIELDS.filter((field) => resilience[field] !== undefined);
  const pick = (fields: readonly Field[]): ResilienceFacts => {
    const { idempotent } = resilience;
    return {
      ...Object.fromEntries(fields.map((field) => [field, resilience[field]])),
      ...(idempotent !== undefined && fields.includes('retry') && { idempotent }),
    };
  };
  const left = asked.filter((field) => missing.has(field));
  return {
    mesh: pick(asked.filter((field) => !missing.has(field))),
    rest: pick(left.filter((field) => !BEYOND_LIBRARIES.has(field))),
    missing: reasonsOf(left, missing),
    beyondLibraries: reasonsOf(
      left.filter((field) => BEYOND_LIBRARIES.has(field)),
      missing,
    ),
  };
}

/** Each reason once, in the order of the fields. */
function reasonsOf(fields: readonly Field[], missing: ReadonlyMap<Field, Missing>): readonly Missing[] {
  const found = fields.flatMap((field) => missing.get(field) ?? []);
  return [...new Map(found.map((one) => [`${one.ability} ${one.differs ?? ''}`, one])).values()];
}
