import { isToken, tokensIn } from '../constructs/model/deferred';
import { policy, type PolicyFinding, type PolicyPiece } from '../constructs/model/extension';
import type { Problem } from '../constructs/model/finding';
import type { Graph } from '../constructs/model/graph';
import type { PlannedObject } from '../constructs/model/plan';
import { recorderOf } from '../constructs/model/recorder';
import type { Hole } from '../constructs/model/records';

/**
 * Values that are not known yet. A deployer that knows them later fills them in; plain YAML cannot, so each of them is
 * an error there, with the prop that it came in by and the field that it stands in.
 * @param fillsHoles - a deployer fills in what somebody knows; what stands in a wrong place is an error all the same
 */
export function holesPolicy(fillsHoles: boolean): PolicyPiece {
  return policy('holes', function* (objects, graph): Iterable<PolicyFinding> {
    const { holes } = recorderOf(graph.root);
    if (holes.size === 0) return;
    for (const on of objects) {
      for (const place of tokensOf(on)) {
        const hole = holes.get(place.token);
        for (const problem of problemsOf(hole, place, on, graph, fillsHoles))
          yield { on, field: place.pointer, ...problem };
      }
    }
  });
}

interface Place {
  readonly pointer: string;
  readonly text: string;
  readonly token: string;
}

function* problemsOf(
  hole: Hole | undefined,
  place: Place,
  on: PlannedObject,
  graph: Graph,
  fillsHoles: boolean,
): Iterable<Omit<Problem, 'field'>> {
  if (hole === undefined) yield changed(place.token);
  else if (!fillsHoles) {
    // What is computed over a hole is no news beside the hole.
    if (hole.computed === undefined) yield open(hole);
  } else if (hole.value === undefined && hole.computed === undefined) yield open(hole);
  else if (isIdentity(on, place.pointer)) yield tooLate(hole);
  else if (graph.isSecret(place.token) && !isHidden(on, place)) yield inTheOpen(hole);
}

function changed(token: string): Omit<Problem, 'field'> {
  return {
    code: 'changed-token',
    message: 'A placeholder of a value that is known later was cut or changed.',
    got: token,
    allowed: 'the placeholder as it was given',
    fix: 'Do not take the text apart.',
  };
}

function open({ path, field, value }: Hole): Omit<Problem, 'field'> {
  const input = field.startsWith('inputs.') ? field.slice('inputs.'.length) : undefined;
  return {
    code: 'hole',
    message: `The value of ${field} of ${path} is not known yet.`,
    got:
      value === undefined
        ? 'no value: nobody gave the input'
        : 'a value that is known only while the platform is deployed',
    allowed: 'a value, in YAML',
    fix:
      input === undefined
        ? 'Give a plain value, or deploy with a tool that knows it.'
        : `Give it: --input ${input}=..., or deploy(..., { inputs: { ${input} } }).`,
  };
}

/**
 * Where others know an object by, and what cannot change later: a name, a selector, a port. Whoever deploys decides
 * about order, identity and reach before any value is known.
 */
const IDENTITY: readonly RegExp[] = [
  /^\/(apiVersion|kind)$/,
  /^\/metadata\/(name|namespace|labels)(\/|$)/,
  /\/(selector|matchLabels|matchExpressions|podSelector|namespaceSelector|scaleTargetRef|roleRef|subjects)(\/|$)/,
  /\/template\/metadata\/labels\//,
  /\/ports\/\d+\/(name|port|number|containerPort|targetPort|nodePort|hostPort|protocol)$/,
  /\/(httpGet|tcpSocket|grpc)\/port$/,
  /\/(serviceAccountName|serviceName|claimName|secretName)$/,
  /\/(configMapRef|secretRef|configMapKeyRef|secretKeyRef|configMap|secret)\/(name|key)$/,
  /\/(containers|initContainers|volumes|volumeMounts|env)\/\d+\/name$/,
];

function isIdentity({ manifest }: PlannedObject, pointer: string): boolean {
  // What is in these may be called as its writer likes.
  if (/\/annotations\//.test(pointer)) return false;
  if (/^\/(data|stringData)\//.test(pointer) && /^(ConfigMap|Secret)$/.test(manifest.kind)) return false;
  return IDENTITY.some((known) => known.test(pointer));
}

function tooLate({ path, field }: Hole): Omit<Problem, 'field'> {
  return {
    code: 'known-too-late',
    message: `The value of ${field} of ${path} stands where it must be known before anything is deployed.`,
    got: 'a value that is known only while the platform is deployed',
    allowed: 'a plain value in names, selectors, references and ports',
    fix: 'Give a plain value, or set it in the environment file.',
  };
}

/** Only the values of a Secret are hidden from those who may read objects. */
function isHidden({ manifest }: PlannedObject, { pointer, text, token }: Place): boolean {
  if (manifest.kind !== 'Secret' || manifest.apiVersion !== 'v1') return false;
  // Base64 of a token is no base64 of its value.
  return pointer.startsWith('/stringData/') || (pointer.startsWith('/data/') && isToken(text) && text === token);
}

function inTheOpen({ path, field }: Hole): Omit<Problem, 'field'> {
  return {
    code: 'secret-in-the-open',
    message: `The secret ${field} of ${path} would stand where everybody can read it who may read the object.`,
    got: 'a secret',
    allowed: 'variables, configurations and the values of Secret objects',
    fix: 'Give it as a variable, and write $(VARIABLE) in arguments; or read it from a configuration.',
  };
}

/** All tokens of an object with their places, keys of maps included. */
function* tokensOf({ manifest }: PlannedObject): Iterable<Place> {
  for (const { pointer, text } of textsIn(manifest, '')) {
    for (const token of tokensIn(text)) yield { pointer, text, token };
  }
}

interface Text {
  readonly pointer: string;
  readonly text: string;
}

/** All texts of a manifest, keys included, with their places. */
function* textsIn(value: unknown, pointer: string): Iterable<Text> {
  if (typeof value === 'string') yield { pointer, text: value };
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (tokensIn(key).length > 0) yield { pointer: at, text: key };
      yield* textsIn(item, at);
    }
  }
}
