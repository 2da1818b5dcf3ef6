import {
  definePlatform,
  displayNameOf,
  type Environment,
  type KubeObject,
  type Plan,
  type PlatformOptions,
  type Program,
  type Tier,
} from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';

/** What a test may say about a plan besides the program. */
export interface PlanOptions extends PlatformOptions {
  /** @defaultValue 'development' */
  readonly tier?: Tier;
  /** Fields that replace those of an environment with nothing but its tier. @defaultValue none */
  readonly environment?: Partial<Environment>;
  /** Day on which acceptances are judged, `YYYY-MM-DD`. @defaultValue '2026-01-01', so that tests do not age */
  readonly today?: string;
  /** Notes which settings made which object. @defaultValue false */
  readonly trace?: boolean;
}

/** The plan of a platform called `shop` in an environment that is called as its tier. Findings are in it, not thrown. */
export function planOf(program: Program, options: PlanOptions = {}): Plan {
  const { tier = 'development', environment, today = '2026-01-01', trace = false, ...platform } = options;
  const definition = definePlatform('shop', platform, program);
  return makePlan(definition, { ...plainEnvironment(tier, tier), ...environment }, { today, trace });
}

/**
 * The one object of this display name: `Deployment/ordering/orders`, `Namespace/ordering`.
 * @throws Error that lists what is there
 */
// A test that reads a manifest knows its shape better than any type that fits all kinds.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function objectOf(plan: Plan, display: string): KubeObject & Record<string, any> {
  const found = plan.objects.filter(({ manifest }) => displayNameOf(manifest) === display);
  if (found.length === 1 && found[0] !== undefined) return found[0].manifest;
  const there = plan.objects.map(({ manifest }) => displayNameOf(manifest));
  throw new Error(`${found.length} objects are called ${display}; the plan has\n  ${there.join('\n  ')}`);
}

/** Codes of the open findings, sorted, doubles included. */
export function codesOf(plan: Plan): readonly string[] {
  return plan.findings.map(({ code }) => code).sort();
}
