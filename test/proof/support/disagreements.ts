/** Where Ashlar's check and the server may differ, and why. Everything else that differs is a mistake. */

/**
 * Kinds that a server keeps as their definition says, and no more: what is wrong with their pods is told by the controller,
 * once it makes them.
 */
export const READ_BY_CONTROLLERS: ReadonlySet<string> = new Set(['Rollout']);

/** What Ashlar refuses and the server takes, by the code of the problem. */
export const STRICTER: Readonly<Record<string, string>> = {
  'null-value': 'The server drops a null or takes the default; who wrote the field meant something.',
  'unknown-port': 'The server takes the name of a port that is not there, and the kubelet fails each such probe.',
  'bad-enum-value': 'The server takes an empty text for the default; it is an accident.',
  'missing-field': 'The types want the field; the server takes what it finds instead, 0 seconds or an empty text.',
  'bad-cidr': 'A server before 1.36 only warns of an address that is not the first of its block.',
  'missing-choice': 'The server makes an emptyDir of a volume without a source.',
  'missing-name': 'The server invents a name for a LimitRange, so that no later apply finds it.',
  'bad-name': 'The server does not look at the name of a PodDisruptionBudget; all other kinds want a DNS name.',
  'duplicate-name': 'Of two claim templates or variables of one name, the server takes the last.',
  'duplicate-element': 'A policy type that is there twice means the same as once.',
  'out-of-range': 'The server puts 1 for a negative grace period, takes port 0 for none, and keeps a negative history.',
  'bad-integer': 'Above 2^53 a number in JSON is not the one that was written.',
};

/** What the server refuses and Ashlar takes, outside the kinds that Ashlar makes. */
interface Gap {
  readonly kinds: readonly string[];
  /** What the server says. */
  readonly says: RegExp;
  readonly reason: string;
}

const ISTIO = [
  'DestinationRule',
  'PeerAuthentication',
  'RequestAuthentication',
  'ServiceEntry',
  'VirtualService',
] as const;
const GATEWAY_API = ['GRPCRoute', 'Gateway', 'HTTPRoute', 'ReferenceGrant'] as const;

export const GAPS: readonly Gap[] = [
  {
    kinds: ISTIO,
    says: /google\.protobuf\.Duration|must be a valid duration|URL parse error|url must have scheme/,
    reason: 'A rule in CEL of the definition: a text that is a duration or a URL.',
  },
  {
    kinds: ISTIO,
    says: /requires selector|Address is required|must be between 1-65535|cannot set endpoints|cannot be duplicated/,
    reason: 'A rule in CEL of the definition, over one or several fields.',
  },
  {
    kinds: GATEWAY_API,
    says: /must be unique when|must be specified|must only contain|no such key|must be an absolute path|must not contain|must not end|cannot be repeated|can only contain|must have port|must be unique within/i,
    reason: 'A rule in CEL of the definition, over one or several fields.',
  },
  {
    kinds: GATEWAY_API,
    says: /should be (greater|less) than or equal to|Unsupported value|Duplicate value|Required value/,
    reason: 'A limit that the definition has and the published types, of which the tables are made, do not.',
  },
  {
    kinds: ['ValidatingAdmissionPolicy'],
    says: /compilation failed|must evaluate to|Required value/,
    reason: 'Ashlar has no compiler of CEL.',
  },
];
