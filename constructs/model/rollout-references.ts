import { keyOf, type KubeObject } from './kube-object';
import type { Reference } from './reference';

const NONE: readonly never[] = [];

interface RolloutSpec {
  readonly strategy?: {
    readonly canary?: {
      readonly stableService?: string;
      readonly canaryService?: string;
      readonly trafficRouting?: {
        readonly istio?: { readonly virtualServices?: readonly { readonly name: string }[] };
        readonly plugins?: Readonly<Record<string, Plugin | undefined>>;
      };
      readonly analysis?: Analysis;
      readonly steps?: readonly { readonly analysis?: Analysis }[];
    };
    readonly blueGreen?: {
      readonly activeService?: string;
      readonly previewService?: string;
      readonly prePromotionAnalysis?: Analysis;
      readonly postPromotionAnalysis?: Analysis;
    };
  };
}

/** As the plugin of the Gateway API wants to be told (0.15, `GatewayAPITrafficRouting`). */
interface Plugin {
  readonly namespace?: string;
  readonly httpRoutes?: readonly { readonly name: string }[];
  readonly grpcRoutes?: readonly { readonly name: string }[];
}

/** Name of that plugin, as Rollouts and the controller's installation know it. */
export const GATEWAY_PLUGIN = 'argoproj-labs/gatewayAPI';

type Strategies = NonNullable<RolloutSpec['strategy']>;

interface Analysis {
  readonly templates?: readonly { readonly templateName: string }[];
}

/** A kind that Rollouts name, and why it has to be there first. */
interface Named {
  readonly group: string;
  readonly kind: string;
  readonly reason: string;
}

const SERVICE: Named = { group: '', kind: 'Service', reason: 'leads requests to its versions' };
const VIRTUAL_SERVICE: Named = { group: 'networking.istio.io', kind: 'VirtualService', reason: 'moves its weights' };
const HTTP_ROUTE: Named = { ...VIRTUAL_SERVICE, group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' };
const GRPC_ROUTE: Named = { ...HTTP_ROUTE, kind: 'GRPCRoute' };
const TEMPLATE: Named = { group: 'argoproj.io', kind: 'AnalysisTemplate', reason: 'is judged by it' };

type Found = readonly [of: Named, name: string | undefined, field: string, namespace?: string | undefined];

/** What the controller of a Rollout wants to find when it starts: without it the release fails. */
export function referencesOfRollout(manifest: KubeObject): readonly Reference[] {
  const { canary, blueGreen } = (manifest['spec'] as RolloutSpec | undefined)?.strategy ?? {};
  const { namespace } = manifest.metadata;
  const found: Reference[] = [];
  for (const [{ group, kind, reason }, name, field, at = namespace] of [
    ...ofCanary(canary),
    ...ofBlueGreen(blueGreen),
  ]) {
    if (name === undefined) continue;
    found.push({ key: keyOf({ group, kind, namespace: at, name }), reason, field: `/spec/strategy/${field}` });
  }
  return found;
}

function ofCanary(canary: Strategies['canary'] = {}): readonly Found[] {
  const { virtualServices = NONE } = canary.trafficRouting?.istio ?? {};
  return [
    [SERVICE, canary.stableService, 'canary/stableService'],
    [SERVICE, canary.canaryService, 'canary/canaryService'],
    ...virtualServices.map(({ name }, at): Found => [
      VIRTUAL_SERVICE,
      name,
      `canary/trafficRouting/istio/virtualServices/${at}/name`,
    ]),
    ...ofPlugin(canary.trafficRouting?.plugins?.[GATEWAY_PLUGIN]),
    ...ofAnalysis(canary.analysis, 'canary/analysis'),
    ...(canary.steps ?? NONE).flatMap(({ analysis }, at) => ofAnalysis(analysis, `canary/steps/${at}/analysis`)),
  ];
}

function ofPlugin({ namespace, httpRoutes = NONE, grpcRoutes = NONE }: Plugin = {}): readonly Found[] {
  const field = `canary/trafficRouting/plugins/${GATEWAY_PLUGIN.replace('/', '~1')}`;
  return [
    ...httpRoutes.map(({ name }, at): Found => [HTTP_ROUTE, name, `${field}/httpRoutes/${at}/name`, namespace]),
    ...grpcRoutes.map(({ name }, at): Found => [GRPC_ROUTE, name, `${field}/grpcRoutes/${at}/name`, namespace]),
  ];
}

function ofBlueGreen(blueGreen: Strategies['blueGreen'] = {}): readonly Found[] {
  return [
    [SERVICE, blueGreen.activeService, 'blueGreen/activeService'],
    [SERVICE, blueGreen.previewService, 'blueGreen/previewService'],
    ...ofAnalysis(blueGreen.prePromotionAnalysis, 'blueGreen/prePromotionAnalysis'),
    ...ofAnalysis(blueGreen.postPromotionAnalysis, 'blueGreen/postPromotionAnalysis'),
  ];
}

function ofAnalysis(analysis: Analysis | undefined, field: string): readonly Found[] {
  const { templates = NONE } = analysis ?? {};
  return templates.map(({ templateName }, at) => [TEMPLATE, templateName, `${field}/templates/${at}/templateName`]);
}
