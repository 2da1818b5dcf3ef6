import type { IConstruct } from 'constructs';
import { problemsOfImage } from './derive/image';
import type { ContainerFacts, ContainerPart, EnvPart } from './derive/pod';
import { dataOf, hasTokens, isDeferred, textOf, type Deferrable } from './model/deferred';
import type { Problem } from './model/finding';
import { LIST, membersOf, objectLike, problemsOfKind, problemsOfOptions, soundOf } from './kinds';
import { given } from './model/given';
import { report } from './model/recorder';
import { HEALTH, type Health } from './health';
import { portFacts, type Ports } from './port';
import { SOME_IMAGE } from './props';
import { resourceFacts, type Resources } from './resources';

/** An `EnvValue` of cdk8s-plus-27, by shape: a literal value, or a reference to where it is. */
export interface EnvValueLike {
  /** The text itself, where it is written in the program. Left out where `valueFrom` is set. */
  readonly value?: unknown;
  /**
   * Where the value is, as Kubernetes writes it (core/v1 EnvVarSource): `{ secretKeyRef: { name: 'db', key: 'url' } }`.
   */
  readonly valueFrom?: unknown;
}

/** Variables by name. */
export type Env = Readonly<Record<string, Deferrable<string> | EnvValueLike>>;

/** What runs in a container. */
export interface ImageProps {
  /** With tag or digest: `ghcr.io/acme/orders:1.4.2`. */
  readonly image: Deferrable<string>;
  /** Replaces the entry point of the image; no shell is in between. @defaultValue the image's own */
  readonly command?: readonly string[];
  /** Arguments of the command: `['--port', '8080']`. @defaultValue the image's own */
  readonly args?: readonly string[];
  /**
   * Variables of the process: `{ LOG_LEVEL: 'info' }`. What calls and configurations add comes by itself.
   * @defaultValue none
   */
  readonly env?: Env;
  /** CPU, memory and disk that it asks for and may use. @defaultValue by tier, see the setting `resources` */
  readonly resources?: Resources;
}

/** What every container is told that others talk to. */
export interface ContainerProps extends ImageProps {
  /** Ports by name. @defaultValue none */
  readonly ports?: Ports;
  /**
   * How it is asked whether it is well.
   * @defaultValue none for a sidecar; for a service, traffic waits for its first port
   */
  readonly health?: Health;
}

const CONTAINER_PROPS: Readonly<Record<keyof ContainerProps, true>> = {
  image: true,
  command: true,
  args: true,
  env: true,
  resources: true,
  ports: true,
  health: true,
};

/** Names of variables (Kubernetes 1.36, relaxed since 1.34: any printable but `=`; the portable form is kept). */
const ENV_NAME = /^[A-Za-z_.-][A-Za-z0-9_.-]*$/;

const PORTS = objectLike<Ports>('{ http: 8080 }');
const RESOURCES = objectLike<Resources>('{ memory: { limit: Size.mebibytes(256) } }');

/** A container's facts; what is wrong is reported at the construct. */
export function containerFacts(at: IConstruct, name: string, props: ContainerProps, prefix = ''): ContainerFacts {
  const { image } = props;
  const texts = <T>(field: string, value: T): T => dataOf(at, `${prefix}${field}`, value) as T;
  const [command, args] = [texts('command', soundOf(props.command, LIST)), texts('args', soundOf(props.args, LIST))];
  const ports = portFacts(soundOf(props.ports, PORTS) ?? {});
  const health = soundOf(props.health, HEALTH)?.toFacts(ports.facts);
  const said = soundOf(props.resources, RESOURCES);
  const resources = said && resourceFacts(said);
  const ofLists = (['command', 'args'] as const).map((prop) => problemsOfKind(`${prefix}${prop}`, props[prop], LIST));
  reportAll(
    at,
    ...ofLists,
    problemsOfKind(`${prefix}ports`, props.ports, PORTS),
    problemsOfKind(`${prefix}health`, props.health, HEALTH),
    problemsOfKind(`${prefix}resources`, props.resources, RESOURCES),
    ports.problems,
    health?.problems,
    resources?.problems,
    ofImage(name, image, prefix),
  );
  return {
    name,
    image: isDeferred(image) ? textOf(at, `${prefix}image`, image) : textOf(at, `${prefix}image`, String(image)),
    ports: ports.facts,
    ...given({ command, args, health: texts('health', health?.facts), resources: resources?.facts }),
  };
}

function reportAll(at: IConstruct, ...lists: readonly (readonly Problem[] | undefined)[]): void {
  for (const list of lists) for (const problem of list ?? []) report(at, problem);
}

/** What is known later, also in a text, is judged by nobody. */
function ofImage(name: string, image: unknown, prefix: string): readonly Problem[] {
  if (isDeferred(image) || (typeof image === 'string' && hasTokens(image))) return [];
  return problemsOfImage(`The container ${name}`, `${prefix}image`, image);
}

const VARIABLES = objectLike<Env>("{ LOG_LEVEL: 'info' }");

/** Variables as facts; what is wrong is reported at the construct. */
export function envParts(at: IConstruct, env: Env = {}, prefix = ''): readonly EnvPart[] {
  const variables = soundOf(env, VARIABLES) ?? {};
  reportAll(at, problemsOfKind(`${prefix}env`, env, VARIABLES), problemsOfEnvNames(Object.keys(variables), prefix));
  return Object.entries(variables).map(([name, given]) => envPart(at, name, `${prefix}env.${name}`, given));
}

/** What is wrong with the names of variables. */
export function problemsOfEnvNames(names: readonly string[], prefix = ''): readonly Problem[] {
  const bad = names.filter((name) => !ENV_NAME.test(name));
  return bad.map((name) => ({
    code: 'bad-env-name',
    message: `${JSON.stringify(name)} cannot be the name of a variable.`,
    field: `${prefix}env.${name}`,
    got: JSON.stringify(name),
    allowed: 'letters, digits, _, - and ., not from a digit',
    fix: 'Rename the variable.',
  }));
}

function envPart(at: IConstruct, name: string, field: string, given: Env[string]): EnvPart {
  if (typeof given === 'string' || isDeferred(given)) return { name, value: textOf(at, field, given) };
  const { value, valueFrom } = Object(given) as EnvValueLike;
  if (typeof valueFrom === 'object' && valueFrom !== null) return { name, valueFrom };
  if (typeof value === 'string') return { name, value: textOf(at, field, value) };
  report(at, {
    code: 'bad-env-value',
    message: `The variable ${name} has no text.`,
    field,
    got: typeof (value ?? given),
    allowed: 'a text, an EnvValue of cdk8s-plus-27, or a value that is known later',
    fix: 'Write numbers and booleans as text.',
  });
  return { name, value: '' };
}

/** Containers beside the main one, by name. */
export function besideParts(
  at: IConstruct,
  role: ContainerPart['role'],
  containers: Readonly<Record<string, ContainerProps>> = {},
): readonly ContainerPart[] {
  return Object.entries(containers).map(([name, props], order) => {
    const prefix = `${role === 'init' ? 'initContainers' : 'sidecars'}.${name}.`;
    const said = membersOf(props);
    reportAll(at, problemsOfOptions(prefix.slice(0, -1), props, CONTAINER_PROPS, `{ image: '${SOME_IMAGE}' }`));
    // Of what is no object nothing more is told.
    const { image = said === props ? '' : SOME_IMAGE } = said;
    const container = containerFacts(at, name, { ...said, image }, prefix);
    return { name, role, order, container, env: envParts(at, said.env, prefix) };
  });
}
