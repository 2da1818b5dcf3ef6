import type { KubeObject } from 'ashlar';
import { proof, type Cluster } from 'ashlar/testing/cluster';
import { SchemaChecker } from '../../policies/schema/check';
import { changed } from '../schema/changes';
import { deployment, GOOD } from '../schema/manifests';
import { shuffled } from '../support/shuffled';
import { GAPS, READ_BY_CONTROLLERS, STRICTER } from './support/disagreements';
import { builtInExample, exampleOf } from './support/examples';
import { MESH } from './support/mesh';
import { mutationsOf, type Mutation } from './support/mutations';
import { zooIn } from './support/zoo';

const SEED = 4;
/** How many are sent to a server of a version, of about 20,000. */
const VERSIONS = [
  ['1.33', 4000],
  ['1.36', 12_000],
] as const;
const AT_A_TIME = 20;
const NAMESPACE = 'mutants';

/** What both say of a mutation. */
interface Judged extends Mutation {
  /** Codes of what Ashlar refuses it for. */
  readonly codes: readonly string[];
  readonly status: number;
  /** What the server says against it. */
  readonly message: string;
}

/** What operators' kinds take and refuse is proven beside their stores. */
const PLANS = [zooIn(), builtInExample('shop', 'prod'), exampleOf('online-boutique', 'prod')];
const MADE = PLANS.flatMap(({ plan }) => plan.objects.map(({ manifest }) => manifest));
const GIVEN = GOOD.map((make) => make() as unknown as KubeObject);
/** What the zoo's team brings along is the team's: a definition, and a custom resource that is nothing without it. */
const BROUGHT = ['CustomResourceDefinition', 'Report'];
/** Objects in one namespace. */
const OBJECTS = [...GIVEN, ...MESH, ...MADE].filter(({ kind }) => !BROUGHT.includes(kind)).map(placed);

function placed(object: KubeObject): KubeObject {
  const copy = structuredClone(object);
  return copy.metadata.namespace === undefined ? copy : changed(copy, { '/metadata/namespace': NAMESPACE });
}

/** Mutations that differ in kind, place or value, in an order of their own. */
function distinct(seed: number): readonly Mutation[] {
  const seen = new Set<string>();
  return shuffled(OBJECTS, seed)
    .flatMap((object) => [...mutationsOf(object)])
    .filter(({ object, what, value }) => {
      const key = JSON.stringify([object.kind, what.replaceAll(/\/\d+/g, '/0'), value]);
      return !seen.has(key) && seen.add(key);
    });
}

/** Asks both; many at a time. */
async function judge(
  cluster: Cluster,
  checker: SchemaChecker,
  mutations: readonly Mutation[],
): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let mutation = mutations[next++]; mutation !== undefined; mutation = mutations[next++]) {
      const { status, message } = await cluster.dryRun(mutation.object);
      const problems = checker.check(mutation.object).filter(({ severity }) => severity !== 'warning');
      judged.push({ ...mutation, status, message, codes: [...new Set(problems.map(({ code }) => code))].sort() });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return judged;
}

const print = ({ object, what, value, message, codes }: Judged): string =>
  `${object.kind} ${what} = ${JSON.stringify(value)}: ${message || codes.join(', ')}`;

describe.each(VERSIONS)('Kubernetes %s', (version, most) => {
  proof(
    'the schema check and a strict server',
    (cluster) => {
      const checker = new SchemaChecker({ version });
      let judged: readonly Judged[] = [];
      const refusedByServer = ({ status }: Judged): boolean => status >= 300;
      const refusedByUs = ({ codes }: Judged): boolean => codes.length > 0;

      beforeAll(async () => {
        await cluster().apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }]);
        const start = performance.now();
        const all = distinct(SEED);
        judged = await judge(cluster(), checker, shuffled(all, SEED).slice(0, most));
        const refused = judged.filter(refusedByServer).length;
        const seconds = ((performance.now() - start) / 1000).toFixed(0);
        process.stderr.write(
          `schema: ${judged.length} of ${all.length} mutations, ${refused} refused by the server, in ${seconds} s\n`,
        );
      }, 180_000);

      test('both take all objects as they are', async () => {
        const all = await judge(
          cluster(),
          checker,
          OBJECTS.map((object) => ({ object, what: 'nothing', value: undefined })),
        );
        expect(all.filter((one) => refusedByServer(one) || refusedByUs(one)).map(print)).toEqual([]);
      });

      test('the server was asked thousands of times, and refused for what is in the objects only', () => {
        expect(judged).toHaveLength(most);
        expect(judged.filter(refusedByServer).length).toBeGreaterThan(most / 3);
        expect([...new Set(judged.map(({ status }) => status))].sort()).toEqual([201, 400, 422]);
      });

      test('nothing that the server refuses passes, known gaps of foreign kinds apart', () => {
        const missed = judged.filter((one) => refusedByServer(one) && !refusedByUs(one));
        const gapOf = ({ object, message }: Judged) =>
          GAPS.find(({ kinds, says }) => kinds.includes(object.kind) && says.test(message));
        expect(missed.filter((one) => gapOf(one) === undefined).map(print)).toEqual([]);
      });

      test('what is refused and the server takes is refused for a reason', () => {
        const stricter = judged.filter((one) => refusedByUs(one) && !refusedByServer(one));
        const byServer = stricter.filter(({ object }) => !READ_BY_CONTROLLERS.has(object.kind));
        expect(byServer.filter(({ codes }) => !codes.every((code) => code in STRICTER)).map(print)).toEqual([]);
      });

      test('both name all unknown fields at once', async () => {
        const object = changed(placed(deployment() as unknown as KubeObject), {
          '/spec/replcas': 1,
          '/spec/template/spec/containers/0/immage': 'x',
          '/spec/template/spec/volumes/0/emptyDirectory': {},
        });
        const { message } = await cluster().dryRun(object);
        expect(message.match(/unknown field/g)).toHaveLength(3);
        const problems = checker.check(object);
        expect(problems.filter(({ code }) => code === 'unknown-field')).toHaveLength(3);
      });
    },
    { controllers: false, crds: true, version },
  );
});
