import { ApiGateway, Auth, BoundedContext, Duration, Microservice, type Plan, type RouteOptions } from 'ashlar';
import { objectOf, planOf, type PlanOptions } from './plans';

/** Image of whatever runs. */
export const image = 'registry.example.com/it:1';

/** Name of the gateway. */
export const HOST = 'api.shop.example.com';

const timeout = Duration.seconds(5);

/** Options of a route that is open to anybody. */
export const open: RouteOptions = { auth: Auth.none('Anybody may look.'), timeout };

/** Tokens of an issuer. */
export const jwt = {
  issuer: 'https://login.example.com',
  audiences: ['shop'],
  jwksUri: 'https://login.example.com/keys',
};

/** Options of a route that wants a token with a claim. */
export const guarded: RouteOptions = { auth: Auth.jwt({ ...jwt, claims: { scope: 'orders' } }), timeout };

/** What is there before a test says something. */
export interface Made {
  readonly edge: ApiGateway;
  readonly orders: Microservice;
  readonly context: BoundedContext;
}

/** The plan of a platform with a gateway of Istio and a service, and what a test says of them. */
export function gatewayPlan(
  say: (made: Made) => void,
  { mesh = 'istio-sidecar', ...options }: PlanOptions & { readonly mesh?: string } = {},
): Plan {
  const choice = (name: string) => ({ name, options: {}, at: 'environments/test.yaml:1:1' });
  const backEnds = { mesh: choice(mesh), gateway: choice('istio'), ...options.environment?.backEnds };
  return planOf(
    (shop) => {
      const context = new BoundedContext(shop, 'shop', { team: 'a' });
      const orders = new Microservice(context, 'orders', { image, ports: { http: 8080 } });
      say({ context, orders, edge: new ApiGateway(context, 'edge', { hosts: [HOST] }) });
    },
    { ...options, environment: { ...options.environment, backEnds } },
  );
}

/** Blocks of the routes of the gateway. */
export function blocksOf(plan: Plan): readonly Record<string, unknown>[] {
  return objectOf(plan, 'VirtualService/shop/edge')['spec'].http as readonly Record<string, unknown>[];
}
