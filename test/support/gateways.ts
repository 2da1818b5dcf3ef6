import {
  ApiGateway,
  Auth,
  BoundedContext,
  Duration,
  Microservice,
  type ApiGatewayProps,
  type Plan,
  type Platform,
  type RouteOptions,
} from 'ashlar';
import { objectOf, planOf, type PlanOptions } from './plans';

export const image = 'registry.example.com/it:1';
export const HOST = 'api.shop.example.com';
export const timeout = Duration.seconds(5);
export const open: RouteOptions = { auth: Auth.none('Anybody may look.'), timeout };
export const jwt = {
  issuer: 'https://login.example.com',
  audiences: ['shop'],
  jwksUri: 'https://login.example.com/keys',
};
export const guarded: RouteOptions = { auth: Auth.jwt({ ...jwt, claims: { scope: 'orders' } }), timeout };

/** What a test may say more about. */
export interface Made {
  readonly edge: ApiGateway;
  readonly orders: Microservice;
  readonly context: BoundedContext;
  readonly shop: Platform;
}

/** Which back ends serve the plan, and what its gateway is told. */
export interface GatewayPlanOptions extends PlanOptions {
  readonly mesh?: string;
  readonly gateway?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** Options of the back end of the mesh. @defaultValue none */
  readonly meshOptions?: Readonly<Record<string, unknown>>;
  readonly props?: Partial<ApiGatewayProps>;
}

/** The plan of a context with one gateway and one service. */
export function gatewayPlan(say: (made: Made) => void, more: GatewayPlanOptions = {}): Plan {
  const { mesh = 'istio-sidecar', meshOptions = {}, gateway = 'istio', options = {}, props = {}, ...rest } = more;
  const backEnds = {
    mesh: { name: mesh, options: meshOptions, at: 'environments/test.yaml:1:1' },
    gateway: { name: gateway, options, at: 'environments/test.yaml:2:1' },
    ...rest.environment?.backEnds,
  };
  return planOf(
    (shop) => {
      const context = new BoundedContext(shop, 'shop', { team: 'a' });
      const orders = new Microservice(context, 'orders', { image, ports: { http: 8080 } });
      say({ shop, context, orders, edge: new ApiGateway(context, 'edge', { hosts: [HOST], ...props }) });
    },
    { ...rest, environment: { ...rest.environment, backEnds } },
  );
}

/** The blocks of the gateway's routes, in their order. */
export function blocksOf(plan: Plan): readonly Readonly<Record<string, unknown>>[] {
  return objectOf(plan, 'VirtualService/shop/edge')['spec'].http;
}
