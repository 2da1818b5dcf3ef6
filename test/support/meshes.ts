import type { Plan, Program } from 'ashlar';
import { planOf, type PlanOptions } from './plans';

/** What an environment file says under `backEnds.mesh`. */
export interface MeshChoice {
  /** @defaultValue 'istio-sidecar' */
  readonly mesh?: string;
  /** Options of the mesh. @defaultValue none */
  readonly meshOptions?: Readonly<Record<string, unknown>>;
}

/** The plan of a platform called `shop` in an environment with a mesh. */
export function meshPlanOf(program: Program, options: PlanOptions & MeshChoice = {}): Plan {
  const { mesh = 'istio-sidecar', meshOptions = {}, environment, ...others } = options;
  const backEnds = {
    ...environment?.backEnds,
    mesh: { name: mesh, options: meshOptions, at: 'environments/test.yaml:1:1' },
  };
  return planOf(program, { ...others, environment: { ...environment, backEnds } });
}
