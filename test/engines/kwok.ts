import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Engine } from './engine';
import { go } from './go';
import { command, pinned } from './kubernetes';

const MODULE = path.join(__dirname, 'kwok');
const OWN_STAGES = path.join(MODULE, 'stages');
const KWOK = 'sigs.k8s.io/kwok';
const STAGES = 'kwok-stages';

/** An image that no registry has, as an expression of kwok's selectors. */
const IMAGE_IS_MISSING =
  '(self.spec.containers + (has(self.spec.initContainers) ? self.spec.initContainers : []))' +
  '.exists(c, c.image.matches("(^|/)missing/"))';

/** Stages of kwok's own, by name here and file there, and what is changed in them. */
const THEIR_STAGES: readonly (readonly [string, string, Change?])[] = [
  ['10-node-initialize', 'node/fast/node-initialize'],
  ['11-node-heartbeat', 'node/heartbeat-with-lease/node-heartbeat-with-lease'],
  ['20-pod-ready', 'pod/fast/pod-ready', unlessMissing],
  ['20-pod-complete', 'pod/fast/pod-complete'],
  ['20-pod-delete', 'pod/fast/pod-delete', takingItsTime],
  ['30-pv-bind', 'volume/fast/pv-bind', anyStorageClass],
  ['30-pv-delete', 'volume/fast/pv-delete', anyStorageClass],
  ['30-pvc-provision', 'volume/fast/pvc-provision', anyStorageClass],
  ['30-pvc-delete', 'volume/fast/pvc-delete', anyStorageClass],
];

type Change = (stage: string) => string;

/** kwok: does what kubelets, a volume provisioner and a cloud's load balancers do, on paper, by its stages. */
export function kwok(): Engine {
  const manifest = readFileSync(path.join(MODULE, 'go.mod'), 'utf8');
  const version = pinned(manifest, KWOK);
  const flags = `-s -w -X ${KWOK}/pkg/consts.Version=v${version}`;
  const stages = readdirSync(OWN_STAGES).map((file) => readFileSync(path.join(OWN_STAGES, file), 'utf8'));
  const sum = readFileSync(path.join(MODULE, 'go.sum'), 'utf8');
  return {
    name: 'kwok',
    version,
    inputs: [manifest, sum, readFileSync(__filename, 'utf8'), ...stages],
    parts: [command('kwok', `${KWOK}/cmd/kwok`, MODULE, flags), { name: STAGES, make: writeStages }],
  };
}

async function writeStages(folder: string): Promise<readonly string[]> {
  const module = (await go(['list', '-m', '-f', '{{.Dir}}', KWOK], { folder: MODULE })).trim();
  mkdirSync(path.join(folder, STAGES), { recursive: true });
  const theirs = THEIR_STAGES.map(([name, file, change = (stage) => stage]): readonly [string, string] => {
    const text = readFileSync(path.join(module, 'kustomize/stage', `${file}.yaml`), 'utf8');
    return [`${STAGES}/${name}.yaml`, change(text)];
  });
  const ours = readdirSync(OWN_STAGES).map((file): readonly [string, string] => {
    const text = readFileSync(path.join(OWN_STAGES, file), 'utf8');
    return [`${STAGES}/${file}`, text.replace('IMAGE_IS_MISSING', IMAGE_IS_MISSING)];
  });
  const files = [...theirs, ...ours];
  for (const [file, text] of files) writeFileSync(path.join(folder, file), text);
  return files.map(([file]) => file);
}

/** Pods with a missing image are left to our own stage. */
function unlessMissing(stage: string): string {
  const expressions = '    matchExpressions:\n';
  return replaced(stage, expressions, `${expressions}    - cel:\n        expression: '!${IMAGE_IS_MISSING}'\n`);
}

/** A pod takes as long to end as it is told: what counts pods counts those that end, too. */
function takingItsTime(stage: string): string {
  const next = '  next:\n    delete: true\n';
  const expression = `'.metadata.annotations["kwok.x-k8s.io/ends-after"]'`;
  return replaced(stage, next, `${next}  delay:\n    durationFrom:\n      expressionFrom: ${expression}\n`);
}

/** kwok serves one storage class of its own; here it serves all. */
function anyStorageClass(stage: string): string {
  const theirs = "self.spec.storageClassName == 'kwok-volume'";
  return replaced(stage, theirs, "has(self.spec.storageClassName) && self.spec.storageClassName != ''");
}

function replaced(stage: string, old: string, text: string): string {
  if (!stage.includes(old)) throw new Error(`kwok has changed its stages: ${JSON.stringify(old)} is not in\n${stage}`);
  return stage.replaceAll(old, text);
}
