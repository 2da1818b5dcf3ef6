import type { Plan, PlatformDefinition } from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';

/** The plan of a definition in production, in a mesh with a gateway. */
export function meshed(
  definition: PlatformDefinition,
  name = 'istio-sidecar',
  options = {},
  gateway: { readonly name: string; readonly options?: Readonly<Record<string, unknown>> } = { name: 'istio' },
): Plan {
  const environment = {
    ...plainEnvironment('prod', 'production'),
    zones: ['zone-a', 'zone-b'],
    backEnds: {
      mesh: { name, options, at: 'environments/prod.yaml:1:1' },
      gateway: { options: {}, ...gateway, at: 'environments/prod.yaml:2:1' },
    },
  };
  return makePlan(definition, environment, { today: '2026-01-01' });
}
