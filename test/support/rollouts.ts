import type { Plan, Program } from 'ashlar';
import { planOf, type PlanOptions } from './plans';

/** What an environment file says under `backEnds`. */
export interface RolloutChoice {
  /** @defaultValue 'argo-rollouts' */
  readonly rollout?: string;
  /** Options of whoever performs releases. @defaultValue the address of a Prometheus */
  readonly rolloutOptions?: Readonly<Record<string, unknown>>;
  /** @defaultValue 'istio-sidecar' */
  readonly mesh?: string;
  /** Options of the mesh, where there is one. @defaultValue who scrapes its metrics */
  readonly scraped?: Readonly<Record<string, unknown>>;
  /** @defaultValue 'none' */
  readonly gateway?: string;
}

const SCRAPED = { scraper: { namespace: 'monitoring', podLabels: { app: 'prometheus' } } };
const PROMETHEUS = { metrics: 'http://prometheus.monitoring:9090' };

/** The plan of a platform called `shop` in an environment where somebody performs releases. */
export function rolloutPlanOf(program: Program, options: PlanOptions & RolloutChoice = {}): Plan {
  const { rollout = 'argo-rollouts', rolloutOptions = rollout === 'none' ? {} : PROMETHEUS } = options;
  const { mesh = 'istio-sidecar', gateway = 'none', scraped = SCRAPED, environment, ...others } = options;
  const at = 'environments/test.yaml:1:1';
  const backEnds = {
    mesh: { name: mesh, options: mesh === 'none' ? {} : scraped, at },
    gateway: { name: gateway, options: {}, at },
    rollout: { name: rollout, options: rolloutOptions, at },
  };
  return planOf(program, { ...others, environment: { ...environment, backEnds } });
}
