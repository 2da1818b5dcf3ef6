import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { BackEndPiece } from '../constructs/model/back-end';
import {
  TIERS,
  type Environment,
  type GitOpsTarget,
  type Layer,
  type Located,
  type Tier,
} from '../constructs/model/environment';
import { AshlarError } from '../constructs/model/error';
import type { Piece } from '../constructs/model/extension';
import type { Finding } from '../constructs/model/finding';
import { given } from '../constructs/model/given';
import { byText } from '../constructs/model/order';
import type { JsonSchema } from '../constructs/model/json-schema';
import { SUPPORTED_VERSIONS } from '../policies/schema/versions';
import { environmentFileSchema, layerSchema } from './environment-shape';
import { validateData } from './validate-data';
import { YamlFile, parseDocuments } from './yaml-file';

/** Hidden files are left to whoever hid them. */
const FILE = /^([^.].*)\.ya?ml$/;

/** Names of the environments beside a program, sorted. */
export function listEnvironments(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .flatMap((file) => FILE.exec(file)?.[1] ?? [])
      .sort(byText);
  } catch {
    return [];
  }
}

/**
 * Reads an environment and the layers that it stands on.
 * @param folder - the `environments` folder
 * @throws AshlarError with every problem of every file: `unknown-environment`, `malformed-environment`, `bad-environment`
 */
export function readEnvironment(folder: string, name: string, pieces: readonly Piece[]): Environment {
  const findings: Finding[] = [];
  const known = listEnvironments(folder);
  if (!known.includes(name)) throw unknownEnvironment(folder, name, known);
  const file = readYaml(folder, name, environmentFileSchema(pieces), findings);
  const data = (file?.data ?? {}) as EnvironmentData;
  const layers = [
    readLayer(folder, 'base', 'base', pieces, findings),
    readLayer(folder, data.tier ?? '', 'tier', pieces, findings),
    ...(file === undefined ? [] : ownLayers(file, data)),
  ].filter((layer) => layer !== undefined);
  const backEnds = file === undefined ? {} : chosenBackEnds(file, data, pieces, findings, folder, name);
  findings.push(...strayLayers(folder), ...doubled(folder, name), ...strayRegion(file, data));
  if (findings.length > 0 || file === undefined) throw new AshlarError(...findings);
  const without = (data.without ?? []).map((one, index) => ({ path: one, at: file.at(['without', index]) }));
  return { ...toEnvironment(name, data, layers, backEnds), without };
}

/** Layer files that nothing ever reads. */
function strayLayers(folder: string): readonly Finding[] {
  const known = ['base', ...TIERS];
  const stray = listEnvironments(path.join(folder, 'layers')).filter((name) => !known.includes(name));
  return stray.map((name) => ({
    code: 'unknown-layer',
    severity: 'error',
    path: `environments/layers/${name}.yaml`,
    message: 'No environment reads this layer.',
    got: name,
    allowed: known.join(', '),
    fix: 'Rename the file; what holds for one environment stands in its own file.',
  }));
}

/** Two files of one name: only one of them would be read. */
function doubled(folder: string, name: string): readonly Finding[] {
  const files = readdirSync(folder).filter((entry) => FILE.exec(entry)?.[1] === name);
  if (files.length < 2) return [];
  return [
    {
      code: 'doubled-environment',
      severity: 'error',
      path: `environments/${name}.yaml`,
      message: 'Two files describe one environment.',
      got: files.sort(byText).join(' and '),
      allowed: 'one file an environment',
      fix: 'Join them, and remove one.',
    },
  ];
}

/** A region that the file's own list does not know: a layer would be left out in silence. */
function strayRegion(file: YamlFile | undefined, { region, regions = {} }: EnvironmentData): readonly Finding[] {
  const known = Object.keys(regions);
  if (file === undefined || region === undefined || known.length === 0 || known.includes(region)) return [];
  return [
    file.finding({
      path: ['region'],
      atKey: false,
      got: region,
      allowed: `one that regions names: ${known.join(', ')}`,
    }),
  ];
}

/** The layers that stand in the environment's own file. */
function ownLayers(file: YamlFile, { region }: EnvironmentData): readonly Layer[] {
  return [file.layer('environment', []), ...(region === undefined ? [] : [file.layer('region', ['regions', region])])];
}

interface EnvironmentData {
  readonly tier?: Tier;
  readonly kubernetes?: string;
  readonly domain?: string;
  readonly clusterDomain?: string;
  readonly region?: string;
  readonly regions?: Readonly<Record<string, unknown>>;
  readonly zones?: readonly string[];
  readonly registries?: Readonly<Record<string, string>>;
  readonly apiServer?: { readonly cidrs: readonly string[]; readonly port?: number };
  readonly dns?: Partial<Environment['dns']>;
  readonly without?: readonly string[];
  readonly gitops?: Partial<GitOpsTarget> & Pick<GitOpsTarget, 'repository'>;
  readonly backEnds?: Readonly<
    Record<string, { readonly name: string; readonly options?: Readonly<Record<string, unknown>> }>
  >;
}

/**
 * The addresses of the API server where the file says none: private ones on its usual port. Policies see the address
 * behind the `kubernetes` Service, which no manifest can know.
 */
const ANY_API_SERVER = { cidrs: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'], port: 6443 } as const;

/** CoreDNS and kube-dns carry these labels in every common distribution (Kubernetes 1.36, cluster/addons/dns). */
const CLUSTER_DNS: Environment['dns'] = {
  namespace: 'kube-system',
  podLabels: { 'k8s-app': 'kube-dns' },
  ports: [53],
  cidrs: [],
};

/** An environment with nothing but its tier, and three zones: for tests and for programs without files. */
export function plainEnvironment(name: string, tier: Tier): Environment {
  return toEnvironment(name, { tier, zones: ['zone-a', 'zone-b', 'zone-c'] }, [], {});
}

/** What Argo CD and Flux are told where the file says nothing. */
const GITOPS_DEFAULTS = { revision: 'main', project: 'default', destinations: [] } as const;

/** What an environment is where its file says nothing. */
const DEFAULTS = {
  tier: 'development',
  kubernetes: SUPPORTED_VERSIONS.at(-1) ?? '',
  domain: 'example.internal',
  clusterDomain: 'cluster.local',
  zones: [],
  registries: {},
} as const;

function toEnvironment(
  name: string,
  data: EnvironmentData,
  layers: readonly Layer[],
  backEnds: Environment['backEnds'],
): Environment {
  const { apiServer, dns, region, gitops } = data;
  const known = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[];
  const said = Object.fromEntries(known.flatMap((key) => (data[key] === undefined ? [] : [[key, data[key]]])));
  return {
    ...DEFAULTS,
    ...said,
    ...given({ region, gitops: gitops && { ...GITOPS_DEFAULTS, path: `k8s/${name}`, ...gitops } }),
    name,
    apiServer: { ...ANY_API_SERVER, ...apiServer },
    dns: { ...CLUSTER_DNS, ...dns },
    backEnds,
    without: [],
    layers,
  };
}

function readLayer(
  folder: string,
  file: string,
  name: Layer['name'],
  pieces: readonly Piece[],
  findings: Finding[],
): Layer | undefined {
  const layers = path.join(folder, 'layers');
  if (!listEnvironments(layers).includes(file)) return undefined;
  return readYaml(layers, file, layerSchema(pieces), findings)?.layer(name, []);
}

function chosenBackEnds(
  file: YamlFile,
  data: EnvironmentData,
  pieces: readonly Piece[],
  findings: Finding[],
  folder: string,
  environment: string,
): Environment['backEnds'] {
  // What is no choice was reported already.
  const choices = Object.entries(data.backEnds ?? {}).filter(
    ([, choice]) => typeof (choice as Partial<typeof choice> | null)?.name === 'string',
  );
  const chosen = choices.map(([need, { name, options = {} }]) => {
    const at = ['backEnds', need];
    const piece = pieces.find(
      (one): one is BackEndPiece => one.piece === 'backEnd' && one.need === need && one.name === name,
    );
    const misfits = piece === undefined ? [] : validateData(piece.options, options);
    findings.push(...misfits.map((misfit) => file.finding({ ...misfit, path: [...at, 'options', ...misfit.path] })));
    const documents = piece?.wantsDocuments === true ? readDocuments(folder, need, environment, findings) : undefined;
    return [need, { name, options, at: file.at(at, true), ...given({ documents }) }] as const;
  });
  return Object.fromEntries(chosen);
}

/** The documents of `environments/<need>/<environment>/*.yaml`, by file; none where there is no such folder. */
function readDocuments(folder: string, need: string, environment: string, findings: Finding[]): readonly Located[] {
  const inside = path.join(folder, need, environment);
  return listFiles(inside).flatMap((file) => {
    const shown = `environments/${need}/${environment}/${file}`;
    const { documents, problem } = parseDocuments(shown, readText(path.join(inside, file), shown));
    if (problem !== undefined) findings.push(problem);
    return documents;
  });
}

function listFiles(folder: string): readonly string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => FILE.test(file))
        .sort(byText)
    : [];
}

/** Reads and checks one file; problems go to the list. */
function readYaml(folder: string, name: string, schema: JsonSchema, findings: Finding[]): YamlFile | undefined {
  const found = readdirSync(folder).find((entry) => FILE.exec(entry)?.[1] === name) ?? name;
  const shown = `${path.basename(folder) === 'layers' ? 'environments/layers' : 'environments'}/${found}`;
  const file = new YamlFile(shown, readText(path.join(folder, found), shown));
  findings.push(...file.syntaxErrors);
  if (file.syntaxErrors.length > 0) return undefined;
  findings.push(...validateData(schema, file.data).map((misfit) => file.finding(misfit)));
  return file;
}

/** The text of a file; a folder of that name, or one that cannot be read, is told. */
function readText(file: string, shown: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new AshlarError({
      code: 'malformed-environment',
      path: shown,
      message: 'The file cannot be read.',
      got: (error as Error).message,
      allowed: 'a YAML file',
      fix: 'Correct the file, or remove it.',
    });
  }
}

function unknownEnvironment(folder: string, name: string, known: readonly string[]): AshlarError {
  return new AshlarError({
    code: 'unknown-environment',
    path: `environments/${name}.yaml`,
    message: `There is no environment called ${name}.`,
    got: name,
    allowed: known.join(', ') || 'no environment exists yet',
    fix: `Choose one of them, or create ${path.join(folder, `${name}.yaml`)} with a line such as "tier: development".`,
  });
}
