import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Environment, KubeObject, Layer, Plan, PlatformDefinition, Tier } from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';
import { isPlatformDefinition } from '../../constructs/define-platform';
import { TIERS } from '../../constructs/model/environment';
import type { Block } from './docs-blocks';

/** Needs whose back end an info string may name: `mesh=istio-sidecar`. */
const NEEDS = ['mesh', 'gateway', 'rollout'];

/** Options without which a back end has nothing to show, by its name. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'argo-rollouts': { metrics: 'http://prometheus.monitoring:9090' },
  'istio-sidecar': { scraper: { namespace: 'monitoring', podLabels: { app: 'prometheus' } } },
};

/** The environment in which a block is synthesized, with the back ends that its info string names. */
function environmentOf(tier: Tier, words: ReadonlyMap<string, string>): Environment {
  const zones = ['zone-a', 'zone-b', 'zone-c'];
  const chosen = [...words].filter(([need]) => NEEDS.includes(need));
  return {
    ...plainEnvironment(tier, tier),
    ...(tier === 'production' && { zones }),
    layers: layersOf(words),
    backEnds: Object.fromEntries(
      chosen.map(([need, name]) => [need, { name, options: OPTIONS[name] ?? {}, at: 'environments/docs.yaml:1:1' }]),
    ),
  };
}

/** The setting `clientLibrary`, where the info string names one. */
function layersOf(words: ReadonlyMap<string, string>): readonly Layer[] {
  const value = words.get('library');
  if (value === undefined) return [];
  const clientLibrary = { value, at: 'environments/docs.yaml:2:1' };
  return [{ name: 'environment', settings: { clientLibrary }, config: {}, services: {} }];
}

/** The plans of what a file exports as its default, one a tier; none where that is no platform. */
export function plansOf(
  exported: Readonly<Record<string, unknown>>,
  words: ReadonlyMap<string, string>,
): ReadonlyMap<string, Plan> {
  const definition = exported['default'];
  if (!isPlatformDefinition(definition)) return new Map();
  return new Map(TIERS.map((tier) => [tier, planOf(definition, tier, words)]));
}

function planOf(definition: PlatformDefinition, tier: Tier, words: ReadonlyMap<string, string>): Plan {
  return makePlan(definition, environmentOf(tier, words), { today: '2026-01-01' });
}

/** True where everything in the excerpt stands in the whole: fields by name, items of a list in their order. */
export function isPart(excerpt: unknown, whole: unknown): boolean {
  if (Array.isArray(excerpt)) {
    if (!Array.isArray(whole)) return false;
    let next = 0;
    return excerpt.every((item) => {
      const found = whole.findIndex((candidate, index) => index >= next && isPart(item, candidate));
      next = found + 1;
      return found >= 0;
    });
  }
  if (typeof excerpt !== 'object' || excerpt === null) return excerpt === whole;
  if (typeof whole !== 'object' || whole === null) return false;
  return Object.entries(excerpt).every(([key, value]) => isPart(value, (whole as Record<string, unknown>)[key]));
}

/** The object of a plan that an excerpt is about. */
export function objectFor(excerpt: KubeObject, plan: Plan | undefined): KubeObject | undefined {
  return plan?.objects.find(
    ({ manifest }) => manifest.kind === excerpt.kind && manifest.metadata.name === excerpt.metadata.name,
  )?.manifest;
}

/** Runs something in a folder that holds the files of a page. */
export function inFolderOf<T>(files: readonly Block[], run: () => T): T {
  const before = process.cwd();
  const folder = mkdtempSync(path.join(tmpdir(), 'ashlar-docs-'));
  for (const { words, text } of files) {
    const file = path.join(folder, words.get('file') ?? '');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  process.chdir(folder);
  try {
    return run();
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  }
}
