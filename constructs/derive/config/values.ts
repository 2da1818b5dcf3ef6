import type { IConstruct } from 'constructs';
import { hasTokens } from '../../model/deferred';
import type { RuleFinding } from '../../model/extension';
import type { Located } from '../../model/environment';
import { view, type Graph } from '../../model/graph';
import { HIDDEN, saysSecret } from '../../model/secrecy';
import { serviceLayers, type Decided } from '../../model/setting';
import type { StandardSchema } from '../../model/standard-schema';
import type { ConfigFacts } from './facts';
import { quoted } from './quotes';

type Problem = Omit<RuleFinding, 'at'>;

/** A value of a key, checked. */
export interface Value {
  /** Undefined where nobody gives it, or where it is wrong. */
  readonly value?: unknown;
  /** Who gave it. */
  readonly from: string;
  /** What it names. */
  readonly quotes: readonly IConstruct[];
  readonly problems: readonly Problem[];
}

/** The value of a key as one reader sees it; without a reader, as all see it that no layer treats apart. */
export function valueOf(graph: Graph, facts: ConfigFacts, key: string, apart: IConstruct | undefined): Value {
  const parts = facts.quotes[key];
  const given = fromLayers(graph, key, apart);
  if (given !== undefined || parts === undefined) return checked(facts, key, given ?? fromProgram(facts, key), NONE);
  const { value, problems } = quoted(graph, key, parts);
  const quotes = parts.flatMap((part) => (typeof part === 'string' ? [] : [part.of]));
  if (problems.length > 0) return { from: 'program', quotes, problems };
  return checked(facts, key, { value, from: 'program' }, quotes);
}

function checked(
  { schema }: ConfigFacts,
  key: string,
  decided: Decided<unknown> | undefined,
  quotes: readonly IConstruct[],
): Value {
  const from = decided?.from ?? 'default of the key';
  // What is known later is checked by whoever knows it.
  if (hasTokens(decided?.value)) return { value: decided?.value, from, quotes, problems: NONE };
  const result = answerOf(schema[key] as StandardSchema, decided?.value);
  if (!(result instanceof Promise) && result.issues === undefined)
    return { value: result.value, from, quotes, problems: NONE };
  return { from, quotes, problems: [problemWith(result, key, decided)] };
}

const NONE: readonly never[] = [];

/** What layers say to all, by key; the strongest of them. */
const commonValues = view(
  'config-common-values',
  ({ environment }: Graph): ReadonlyMap<string, Located> =>
    new Map(environment.layers.flatMap(({ config }) => Object.entries(config))),
);

/** The strongest layer's value: base < tier < environment < region < the reading service. */
function fromLayers(graph: Graph, key: string, apart: IConstruct | undefined): Decided<unknown> | undefined {
  const own = apart === undefined ? undefined : ownValue(graph, key, apart);
  const found = own ?? graph.view(commonValues).get(key);
  return found === undefined ? undefined : { value: found.value, from: found.at };
}

function ownValue({ environment }: Graph, key: string, reader: IConstruct): Located | undefined {
  return serviceLayers(environment, reader).find(({ config }) => config[key] !== undefined)?.config[key];
}

function fromProgram({ values }: ConfigFacts, key: string): Decided<unknown> | undefined {
  return key in values ? { value: values[key], from: 'program' } : undefined;
}

type Answer = ReturnType<StandardSchema['~standard']['validate']>;

function problemWith(answer: Answer, key: string, decided: Decided<unknown> | undefined): Problem {
  if (answer instanceof Promise) {
    answer.catch(() => undefined);
    return problemOf('config-schema-is-async', key, 'a schema that answers later', 'a schema that answers at once');
  }
  const allowed = (answer.issues ?? []).map(({ message }) => message).join('; ');
  if (decided === undefined) return problemOf('config-key-missing', key, 'no value in any layer', allowed);
  const got = saysSecret(key) ? HIDDEN : JSON.stringify(decided.value);
  // A validator of somebody else's may repeat what it was given.
  const said = saysSecret(key) ? allowed.replaceAll(String(decided.value), HIDDEN) : allowed;
  return problemOf('config-value-wrong', key, `${got} from ${decided.from}`, said);
}

/** A validator of somebody else's may throw; that is an answer, too. */
function answerOf(schema: StandardSchema, value: unknown): Answer {
  try {
    return schema['~standard'].validate(value);
  } catch (error) {
    return { issues: [{ message: `the validator threw: ${error instanceof Error ? error.message : String(error)}` }] };
  }
}

function problemOf(code: string, key: string, got: string, allowed: string): Problem {
  return {
    code,
    message: `The value of ${key} does not fit its schema.`,
    field: key,
    got,
    allowed,
    fix: `Give ${key} in the program's values, or under config in a layer or environment file.`,
  };
}
