import type { IConstruct } from 'constructs';
import { capability } from '../../model/capability';
import { contribute } from '../../model/extension';
import type { Part } from '../../model/facet';
import { viewOf, type Graph } from '../../model/graph';
import { byKey } from '../../model/order';
import { saidBy } from '../../model/source';
import type { ContainerPart, EnvPart, VolumePart } from '../pod';
import { PodContainers } from '../pod';
import { SecretKeys, type SecretKeyPart } from '../secrets';
import { CredentialGeneration, accountsOf, loginName, secretName, type Account } from './accounts';
import { madeAccount, secretParts } from './own-secrets';
import { StandsOn, Store, type StoreFacts } from './store';

/** A login that is nobody's account: an operator's, an exporter's, a backup's. */
export interface ControlLogin {
  /** Its name: `exporter`. Accounts end in `_a` or `_b`. */
  readonly name: string;
  /** What it may do, as ACL rules. */
  readonly rules: string;
  /** Its password is the same for all generations. @defaultValue false */
  readonly stays?: true;
}

/** A Redis of which we say who may log in. A back end declares it on the construct of the server. */
export interface RedisLoginsFacts {
  /** Image with a shell, `sha256sum` and `cut`, in which the file of accounts is written. */
  readonly image: string;
  /** Logins besides the accounts. */
  readonly control: readonly ControlLogin[];
  /** Whether our own pods run it. An operator's pods take the container from elsewhere. */
  readonly isWorkload: boolean;
}

/** The capability of being a Redis whose logins are ours to say. */
export const RedisLogins = capability<RedisLoginsFacts>('redis.logins');

/** A login, what it may do, and where its password is. */
interface Login {
  readonly name: string;
  /** As ACL rules. */
  readonly rules: string;
  readonly secret: string;
  /** Whether it may be that the Secret is not there; then there is no such login. */
  readonly optional: boolean;
}

/** Commands that ask about all keys at once, or change what all share: not for who has a share of a server. */
const ACROSS_SHARES = '-scan -randomkey -dbsize -function -script|flush -script|kill';

/** `INFO` is dangerous by its category, but clients ask it whether the server is ready, and it tells no data. */
const OWNER = '+@all -@admin -@dangerous +info';
const READER = '-@all +@read +@connection +@transaction -@admin -@dangerous +info';

/** What an account may do with the keys of its store (Redis 7, "ACL": key permissions, command categories). */
function rulesOf(level: Account['level'], prefix: string): string {
  const across = prefix === '' ? '' : ` ${ACROSS_SHARES}`;
  return level === 'owner'
    ? `~${prefix}* &${prefix}* ${OWNER}${across}`
    : `%R~${prefix}* resetchannels ${READER}${across}`;
}

/** Who asks whether it is well: whoever gets through, and may know nothing else. */
const HEALTH = "  echo 'user health on nopass -@all +ping'";

/** Asks as `health`, for which any password will do. */
export const HEALTH_COMMAND = [
  'sh',
  '-c',
  '[ "$(redis-cli --no-auth-warning --user health --pass any ping)" = PONG ]',
] as const;

/** Name of the Secret of a login that is nobody's account. */
export function controlSecret(graph: Graph, server: IConstruct, { name, stays }: ControlLogin): string {
  const generation = stays === true ? 1 : graph.setting(CredentialGeneration, server);
  return secretName(graph.facts(server, Store)?.name ?? '', name, generation);
}

/** Logins that a server takes: of the generation that holds and, for pods that are still to be replaced, of that before. */
const loginsOf = viewOf('redis-logins', (graph: Graph, server: IConstruct): readonly Login[] => {
  const control = graph.facts(server, RedisLogins)?.control ?? [];
  return [
    ...control.map((login) => ({ ...login, secret: controlSecret(graph, server, login), optional: false })),
    ...[...accountLogins(graph, server)].sort(byKey(({ name }) => name)),
  ];
});

function* accountLogins(graph: Graph, server: IConstruct): Iterable<Login> {
  for (const store of [server, ...graph.to(server, StandsOn).map(({ from }) => from)]) {
    const facts = graph.facts(store, Store);
    if (facts === undefined) continue;
    for (const account of graph.viewOf(accountsOf, store)) yield* loginsOfAccount(account, facts);
  }
}

function* loginsOfAccount({ name, level, generation }: Account, { name: store, besides }: Readonly<StoreFacts>) {
  const rules = rulesOf(level, besides?.fields['prefix'] ?? '');
  for (const of of generation === 1 ? [1] : [generation, generation - 1]) {
    // The Secret of the generation before is gone once somebody has tidied up.
    yield { name: loginName(name, of), rules, secret: secretName(store, name, of), optional: of !== generation };
  }
}

/** Where the file of accounts lies: in memory, readable by the user of the pod alone. */
export const ACCOUNTS_FOLDER = '/run/redis';

/** The file of accounts. */
export const ACCOUNTS_FILE = `${ACCOUNTS_FOLDER}/users.acl`;

/** The volume of the file, which the server may only read. */
export const ACCOUNTS_VOLUME: VolumePart & { readonly source: object } = {
  name: 'accounts',
  source: { emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
  mounts: [
    { path: ACCOUNTS_FOLDER, readOnly: true },
    { path: ACCOUNTS_FOLDER, container: 'accounts' },
  ],
};

/**
 * Writes the accounts of a server into a file before it starts. Passwords come as variables, go through pipes of the
 * shell's own commands, and only their hashes are written: they are in no argument and in no log.
 */
export function accountsContainer(graph: Graph, server: IConstruct): ContainerPart {
  const logins = graph.viewOf(loginsOf, server);
  const env = logins.map(({ secret, optional }, at): EnvPart => {
    const reference = { name: secret, key: 'password', ...(optional && { optional }) };
    return { name: `PASSWORD_${at}`, valueFrom: { secretKeyRef: reference } };
  });
  const nobody = logins.some(({ name }) => name === 'default') ? [] : [NOBODY];
  const lines = logins.map(({ name, rules }, at) => `  login ${name} '${rules}' "\${PASSWORD_${at}:-}"`);
  return {
    name: 'accounts',
    role: 'init',
    env,
    container: {
      name: 'accounts',
      image: graph.facts(server, RedisLogins)?.image ?? '',
      command: ['sh', '-c', [...SCRIPT, '{', ...nobody, HEALTH, ...lines, `} > ${ACCOUNTS_FILE}`, ''].join('\n')],
      ports: [],
      resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '32Mi' } },
    },
  };
}

/** A login whose Secret is not there is left out. */
const SCRIPT = [
  'set -eu',
  'umask 077',
  'login() {',
  '  if [ -n "$3" ]; then',
  '    echo "user $1 on #$(printf %s "$3" | sha256sum | cut -d " " -f 1) $2"',
  '  fi',
  '}',
];

/** The account of whoever says nothing is off, unless somebody has it. */
const NOBODY = "  echo 'user default off'";

/** What follows for a server that runs in our own pods: the container that writes its accounts. */
export const redisAccountParts = contribute('redis.accounts', PodContainers, function* (graph): Iterable<
  Part<ContainerPart>
> {
  for (const { construct, facts } of graph.having(RedisLogins)) {
    if (!facts.isWorkload) continue;
    const source = saidBy(construct);
    yield { to: construct, source, part: accountsContainer(graph, construct) };
  }
});

/** Passwords of the logins that are nobody's account. */
export const redisControlSecrets = contribute('redis.control', SecretKeys, function* (graph): Iterable<
  Part<SecretKeyPart>
> {
  for (const { construct, facts } of graph.having(RedisLogins)) {
    const store = graph.facts(construct, Store);
    if (store === undefined) continue;
    const source = saidBy(construct);
    for (const login of facts.control) {
      const secret = controlSecret(graph, construct, login);
      const made = madeAccount(store.namespace, secret, login.name);
      for (const part of secretParts(store.namespace, made)) yield { to: construct, source, part };
    }
  }
});
